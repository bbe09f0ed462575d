import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "../tasks/child-environment.ts";

/** Processes that fire schedules. */
export interface SchedulerChildren {
  /** Resolves when all of them work. */
  start(): Promise<void>;
  /** Ends one with -9 and starts another in its place; resolves when that works. */
  replace(place: number): Promise<void>;
  /** Ends all with -9. */
  kill(): Promise<void>;
  /** Stops all cleanly; what went wrong with that. */
  stop(): Promise<readonly string[]>;
}

const script = fileURLToPath(new URL("scheduler-process.ts", import.meta.url));

export function createSchedulerChildren(url: string, count: number): SchedulerChildren {
  const places = new Map<number, ChildProcess>();

  return {
    async start() {
      await Promise.all(Array.from({ length: count }, (_, place) => startAt(place)));
    },
    async replace(place) {
      await killAt(place);
      await startAt(place);
    },
    async kill() {
      await Promise.all([...places.keys()].map(killAt));
    },
    async stop() {
      const ends = await Promise.all([...places.values()].map(stopped));
      places.clear();
      return ends.flatMap((code) => (code === 0 ? [] : [`a scheduler that was to stop ended with ${code}`]));
    },
  };

  async function startAt(place: number): Promise<void> {
    const child = fork(script, [url], {
      execArgv: ["--conditions=@core/source"],
      env: childEnvironment(),
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    places.set(place, child);
    const [word] = (await Promise.race([once(child, "message"), once(child, "close")])) as unknown[];
    if (word !== "ready") throw new Error(`A scheduler ended with ${String(word)} before it was ready.`);
  }

  async function killAt(place: number): Promise<void> {
    const child = places.get(place);
    places.delete(place);
    if (child === undefined || hasEnded(child)) return;
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
  }
}

async function stopped(child: ChildProcess): Promise<number | string | null> {
  if (!hasEnded(child)) {
    const ended = once(child, "close");
    child.send("stop", () => undefined);
    await ended;
  }
  return child.exitCode ?? child.signalCode;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
