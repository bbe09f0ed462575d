import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Another process that runs a script of a test, with what it needs imported. */
export interface StateChild extends AsyncDisposable {
  readonly process: ChildProcess;
  /** The next line that it prints; rejects when it ends instead. */
  line(): Promise<string>;
  /** Ends it with -9 and waits until it is gone. */
  kill(): Promise<void>;
}

export interface StateChildOptions {
  /** What starts node, such as `unshare` and its options. */
  readonly launcher?: readonly string[];
  readonly uid?: number;
}

const IMPORTS = `
  import { createStateFile } from ${moduleAt("../../file/state-file.ts")};
  import { createSqliteMutex } from ${moduleAt("../../file/sqlite-mutex.ts")};
  const say = (text) => process.stdout.write(text + "\\n");
  const note = (message) => (state) => void state.notifications.push({ id: message, channel: "c", message,
    priority: "normal", delivered: true, created_at: "2026-01-01T00:00:00.000Z", meta: {} });
`;

export function startStateChild(script: string, options: StateChildOptions = {}): StateChild {
  const { launcher = [], uid } = options;
  const node = ["--conditions=@core/source", "--input-type=module", "-e", IMPORTS + script];
  const [command = process.execPath, ...words] = [...launcher, process.execPath, ...node];
  const child = spawn(command, words, {
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const ended = once(child, "close");
  let faults = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (faults += text));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  return {
    process: child,
    async line() {
      const { value, done } = await lines.next();
      if (done !== true) return value;
      await ended;
      throw new Error(`The child has ended with ${child.exitCode ?? child.signalCode}: ${faults}`);
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

function moduleAt(path: string): string {
  return JSON.stringify(new URL(path, import.meta.url).href);
}
