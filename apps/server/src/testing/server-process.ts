import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface ServerProcessOptions {
  /** Settings beyond PORT=0 and DATA_DIR. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: a new folder, removed by `dispose`, with an initialised database where TEST_PGLITE_TEMPLATE has one. */
  readonly dataDir?: string;
  /** How long it may take to be ready. Default 30,000. */
  readonly readyWithinMs?: number;
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A real server in a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly apiKey: string;
  readonly dataDir: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Signals the process and waits for its end. */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
  /** Calls the API with the key; a body is sent as JSON, by POST unless another method is named. */
  request(path: string, body?: unknown, method?: string): Promise<Response>;
  /** All that was printed so far. */
  output(): string;
  /** Kills what still runs and removes the folder if it was made here. */
  dispose(): Promise<void>;
}

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/** Starts a server and waits until it is ready; rejects with all it printed when it ends before. */
export async function startServerProcess(options: ServerProcessOptions = {}): Promise<ServerProcess> {
  const dataDir = options.dataDir ?? (await makeDataDir());
  const child = spawn(process.execPath, ["--conditions=@core/source", main], {
    env: { ...inherited(), PORT: "0", DATA_DIR: dataDir, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const exited = new Promise<Exit>((resolve) =>
    child.once("close", (code, signal) => resolve({ code, signal })),
  );
  const url = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
        const ready = /listens on (http:\/\/\S+)[\s\S]*is ready/.exec(printed)?.[1];
        if (ready !== undefined) resolve(ready);
      });
    }
  });
  const kill = (signal: NodeJS.Signals = "SIGTERM"): Promise<Exit> => {
    child.kill(signal);
    return exited;
  };
  const dispose = async (): Promise<void> => {
    await kill("SIGKILL");
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  const readyUrl = await within(options.readyWithinMs ?? 30_000, url, exited).catch(
    async (error: unknown) => {
      await dispose();
      throw new Error(`The server did not become ready. It printed:\n${printed}`, { cause: error });
    },
  );
  const apiKey = options.env?.["API_KEY"] ?? (await readFile(join(dataDir, "api-key"), "utf8")).trim();
  return {
    url: readyUrl,
    apiKey,
    dataDir,
    pid: child.pid ?? 0,
    exited,
    kill,
    request: (path, body, method) => fetch(`${readyUrl}${path}`, requestOf(apiKey, body, method)),
    output: () => printed,
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** A new data folder, with an initialised database where the test run has prepared one. */
export async function makeDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "server-test-"));
  const template = process.env["TEST_PGLITE_TEMPLATE"];
  if (template !== undefined) await cp(template, join(dataDir, "pglite"), { recursive: true });
  return dataDir;
}

/** What a server needs of this process's environment: none of its own settings. */
function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", "AGENT_INTEGRATIONS_OWNER", "NODE_COMPILE_CACHE"];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

async function within(timeoutMs: number, url: Promise<string>, exited: Promise<Exit>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not ready within ${timeoutMs} ms.`)), timeoutMs);
  });
  const ended = exited.then(({ code, signal }) => {
    throw new Error(`It ended with ${code ?? signal}.`);
  });
  return Promise.race([url, ended, late]).finally(() => clearTimeout(timer));
}

function requestOf(apiKey: string, body: unknown, method = body === undefined ? "GET" : "POST"): RequestInit {
  const authorization = `Bearer ${apiKey}`;
  if (body === undefined) return { method, headers: { authorization } };
  const headers = { authorization, "content-type": "application/json" };
  return { method, headers, body: JSON.stringify(body) };
}
