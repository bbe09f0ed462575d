import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "./until.ts";

export interface DemoServerOptions {
  /** The program that starts a server, and its arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly dataDir: string;
  /** Told all that the server prints, as it comes. */
  readonly onOutput: (text: string) => void;
  /** Told when the server ends although nobody killed it. */
  readonly onDeath: (reason: Error) => void;
}

/** A real server in a process of its own. */
export interface DemoServer {
  readonly url: string;
  readonly pid: number;
  readonly apiKey: string;
  readonly signingSecret: string;
  /** Ends it as `kill -9` does, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a server and waits until it works; rejects, and leaves no process behind, when the signal is aborted. */
export async function startDemoServer(options: DemoServerOptions, signal: AbortSignal): Promise<DemoServer> {
  const { dataDir } = options;
  const { pid, url, kill } = spawnServer(options);
  try {
    const readyUrl = await until(url, signal);
    await until(() => isWorking(readyUrl, signal), signal);
    const [apiKey, signingSecret] = await Promise.all([
      readKey(dataDir, "api-key"),
      readKey(dataDir, "signing-secret"),
    ]);
    return { url: readyUrl, pid, apiKey, signingSecret, kill };
  } catch (error) {
    await kill();
    throw error;
  }
}

interface ServerChild {
  readonly pid: number;
  /** Where it says that it listens; null until it does. */
  readonly url: () => string | null;
  readonly kill: () => Promise<void>;
}

function spawnServer({ command, environment, onOutput, onDeath }: DemoServerOptions): ServerChild {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let printed = "";
  let isWanted = true;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      onOutput(text);
    });
  }
  child.once("error", (error) => onDeath(new Error(`The server cannot be started: ${error.message}`)));
  child.once("close", (code, signal) => {
    if (isWanted) onDeath(new Error(`The server ended by itself, with ${code ?? signal}.`));
  });
  return {
    pid: child.pid ?? 0,
    url: () => /listens on (http:\/\/\S+)\s/.exec(printed)?.[1] ?? null,
    kill: () => {
      isWanted = false;
      child.kill("SIGKILL");
      return closed;
    },
  };
}

/** Null until the worker takes up tasks. */
async function isWorking(url: string, signal: AbortSignal): Promise<true | null> {
  const response = await fetch(`${url}/health`, { signal });
  const { worker } = (await response.json()) as { readonly worker: { readonly status: string } };
  return worker.status === "running" || null;
}

async function readKey(dataDir: string, name: string): Promise<string> {
  return (await readFile(join(dataDir, name), "utf8")).trim();
}
