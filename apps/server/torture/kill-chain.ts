// Starts the server by the README's command, signals each process of the chain in turn, and measures how long anything
// of it stays: the server, its launchers and the agent's command. Linux; run it as: pnpm torture:chain
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stdout } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { procTable } from "../src/processes/process-table.ts";
import type { ProcessEntry } from "../src/processes/process-table.ts";

const LIMIT_MS = 2_000;
const signals = ["SIGTERM", "SIGINT", "SIGKILL"] as const;
let failed = 0;

for (const busy of [false, true]) {
  for (const signal of busy ? (["SIGKILL"] as const) : signals) {
    for (let place = 0; ; place += 1) {
      const chain = await startChain(busy);
      const target = chain.links[place];
      if (target === undefined) {
        await chain.end();
        break;
      }
      const ms = await signalAndWait(chain.processes, target, signal);
      failed += ms > LIMIT_MS ? 1 : 0;
      const state = busy ? "busy" : "idle";
      stdout.write(
        `${state} ${signal} to ${place}: ${nameOf(target)} — ${ms > LIMIT_MS ? "ALIVE after" : "gone after"} ${ms} ms\n`,
      );
      await chain.end();
    }
  }
}
process.exitCode = failed === 0 ? 0 : 1;

interface Chain {
  /** From npx down to the server. */
  readonly links: readonly ProcessEntry[];
  /** These and all that they have started. */
  readonly processes: readonly ProcessEntry[];
  end(): Promise<void>;
}

async function startChain(busy: boolean): Promise<Chain> {
  const dataDir = await mkdtemp(join(tmpdir(), "kill-chain-"));
  const env = {
    ...process.env,
    DATA_DIR: dataDir,
    PORT: "0",
    API_KEY: "kill-chain",
    AGENT: "command",
    AGENT_COMMAND: "sleep 60",
  };
  // The pinned pnpm and Node of an outer script must not shorten the chain.
  const npx = spawn("npx", ["--yes", "pnpm@12.16.1", "start"], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  const url = await readyUrl(npx.stdout);
  if (busy) await startTask(url);
  const processes = descendants(npx.pid ?? 0);
  return {
    processes,
    links: processes.slice(
      0,
      processes.findIndex(({ command }) => command.some((word) => word.endsWith("main.ts"))) + 1,
    ),
    async end() {
      for (const { pid } of processes) if (procTable.read(pid) !== null) process.kill(pid, "SIGKILL");
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function readyUrl(output: NodeJS.ReadableStream): Promise<string> {
  let printed = "";
  for await (const text of output.setEncoding("utf8")) {
    printed += String(text);
    const url = /listens on (http:\S+)[\s\S]*is ready/.exec(printed)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`The server did not start:\n${printed}`);
}

async function startTask(url: string): Promise<void> {
  const headers = { authorization: "Bearer kill-chain", "content-type": "application/json" };
  const response = await fetch(`${url}/api/v1/tasks`, { method: "POST", headers, body: '{"prompt":"x"}' });
  if (response.status !== 201) throw new Error(await response.text());
  await sleep(500);
}

function descendants(pid: number): readonly ProcessEntry[] {
  const entries = procTable.pids().flatMap((one) => procTable.read(one) ?? []);
  const found = entries.filter((entry) => entry.pid === pid);
  for (const parent of found)
    found.push(...entries.filter((entry) => entry.parentPid === parent.pid && !isGuard(entry)));
  return found;
}

function isGuard({ command }: ProcessEntry): boolean {
  return command.some((word) => word.includes("orphan-guard-process"));
}

async function signalAndWait(
  processes: readonly ProcessEntry[],
  target: ProcessEntry,
  signal: NodeJS.Signals,
): Promise<number> {
  const begun = performance.now();
  process.kill(target.pid, signal);
  while (processes.some(isAlive) && performance.now() - begun < 3 * LIMIT_MS) await sleep(20);
  return Math.round(performance.now() - begun);
}

function isAlive({ pid, startTime }: ProcessEntry): boolean {
  return procTable.read(pid)?.startTime === startTime;
}

function nameOf({ command }: ProcessEntry): string {
  return command
    .join(" ")
    .replaceAll(/\/\S*\//g, "")
    .slice(0, 60);
}
