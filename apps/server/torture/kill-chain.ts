// Runs one of the README's commands, signals each process of its chain in turn, and measures how long anything of it
// stays: the launchers, the server with its agent's command, or the test run with its database.
// Linux; run it as: pnpm torture:chain [start | test]
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, stdout } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { procTable } from "../src/processes/process-table.ts";
import type { ProcessEntry } from "../src/processes/process-table.ts";
import { eventually } from "../src/testing/eventually.ts";

type Command = "start" | "test";
type State = "idle" | "busy";

interface Round {
  readonly command: Command;
  readonly state: State;
  readonly signal: NodeJS.Signals;
}

const API_KEY = "kill-chain-torture";
const LIMIT_MS = 2_000;
const wanted = argv[2] ?? "start and test";
const rounds: readonly Round[] = [
  ...(["SIGTERM", "SIGINT", "SIGKILL"] as const).map(
    (signal) => ({ command: "start", state: "idle", signal }) as const,
  ),
  { command: "start", state: "busy", signal: "SIGKILL" },
  { command: "test", state: "busy", signal: "SIGKILL" },
];
let failed = 0;

for (const round of rounds.filter(({ command }) => wanted.includes(command))) {
  for (let place = 0; await playRound(round, place); place += 1);
}
process.exitCode = failed === 0 ? 0 : 1;

/** False when the chain has no such place. */
async function playRound({ command, state, signal }: Round, place: number): Promise<boolean> {
  const chain = await startChain(command, state);
  const target = chain.links[place];
  if (target !== undefined) {
    const ms = await signalAndWait(chain.processes, target, signal);
    failed += ms > LIMIT_MS ? 1 : 0;
    const end = ms > LIMIT_MS ? "ALIVE after" : "gone after";
    stdout.write(
      `${command} ${state} ${signal} to ${place}: ${nameOf(target)}: ${chain.processes.length} processes ${end} ${ms} ms\n`,
    );
  }
  await chain.end();
  return target !== undefined;
}

interface Chain {
  /** From npx down to the server. */
  readonly links: readonly ProcessEntry[];
  /** These and all that they have started. */
  readonly processes: readonly ProcessEntry[];
  end(): Promise<void>;
}

async function startChain(command: Command, state: State): Promise<Chain> {
  const dataDir = await mkdtemp(join(tmpdir(), "kill-chain-"));
  const agent = { PORT: "0", API_KEY, AGENT: "command", AGENT_COMMAND: "sleep 60" };
  const npx = spawn("npx", ["--yes", "pnpm@12.16.1", command], {
    env: { ...process.env, ...agent, DATA_DIR: dataDir },
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  const root = npx.pid ?? 0;
  const last = command === "start" ? "main.ts" : "vitest";
  npx.stdout.setEncoding("utf8");
  if (command === "start") {
    const url = await readyUrl(npx.stdout);
    if (state === "busy") await startTask(url);
  } else {
    npx.stdout.resume();
    await eventually(
      () => descendants(root).some(({ command: [program = ""] }) => program.startsWith("postgres:")),
      60_000,
    );
    await sleep(3_000);
  }
  const processes = descendants(root);
  return {
    processes,
    links: processes.slice(
      0,
      processes.findIndex((one) => one.command.some((word) => word.includes(last))) + 1,
    ),
    async end() {
      for (const { pid } of processes) if (procTable.read(pid) !== null) process.kill(pid, "SIGKILL");
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function readyUrl(output: NodeJS.ReadableStream): Promise<string> {
  let printed = "";
  for await (const text of output) {
    printed += String(text);
    const url = /listens on (http:\S+)[\s\S]*is ready/.exec(printed)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`The server did not start:\n${printed}`);
}

async function startTask(url: string): Promise<void> {
  const headers = { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" };
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
