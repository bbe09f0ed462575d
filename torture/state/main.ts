// The long form of the kills of the state file, by command; `--help` tells the options.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stderr, stdout } from "node:process";
// @boundaries-ignore shared by all that starts servers
import { startOrphanGuard } from "../../apps/server/src/processes/orphan-guard.ts";
import { seededRandom } from "../tasks/random.ts";
import type { StateCommand } from "./command-line.ts";
import { help, readCommand } from "./command-line.ts";
import { runStateKills } from "./kills.ts";

const LONGEST_PAUSE_MS = 500;
const PROGRESS_EVERY = 50;

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  try {
    const command = readCommand(words, Math.random);
    if (command !== null) return await play(command);
    stdout.write(help);
    return 0;
  } catch (error) {
    stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** Whatever ends this process, its children and its folder go with it. */
async function play(command: StateCommand): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "torture-state-"));
  const guard = startOrphanGuard({ remove: [folder] });
  Object.assign(process.env, guard.environment, { NODE_COMPILE_CACHE: join(folder, "code") });
  try {
    return await judge(command, join(folder, "state", "integrations.json"));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    guard.close();
  }
}

async function judge(command: StateCommand, path: string): Promise<number> {
  const { kills, processes, paceMs, seed } = command;
  const begun = performance.now();
  let told = 0;
  const report = await runStateKills({
    path,
    kills,
    processes,
    paceMs,
    random: seededRandom(seed),
    onProgress: (line) => (told += 1) % PROGRESS_EVERY === 0 && stdout.write(`${line}\n`),
  });
  const { longestPauseMs = 0 } = report.counts;
  const pause = `nothing was acknowledged for ${longestPauseMs} ms`;
  const faults = [...report.faults, ...(longestPauseMs < LONGEST_PAUSE_MS ? [] : [pause])];
  const figures = Object.entries(report.counts).map(([name, count]) => `${name} ${count}`);
  const seconds = Math.round((performance.now() - begun) / 1_000);
  stdout.write(`${[...figures, `faults ${faults.length}`, `${seconds} s`, `seed ${seed}`].join(", ")}\n`);
  for (const fault of faults) stdout.write(`  ${fault}\n`);
  return faults.length === 0 ? 0 : 1;
}
