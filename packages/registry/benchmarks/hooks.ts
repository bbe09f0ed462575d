// Compares firing a lifecycle hook with hookable and tapable: pnpm benchmark:hooks
// All look up the listeners by the event's name at the call (tapable in a HookMap). The peers run their listeners
// within the call. Ours hands the event to isolated, ordered, time-limited listeners and returns; so both are timed,
// the call and the whole way until all listeners have run: for ours emit and flush, for the peers the promise, if any.
import { execFile } from "node:child_process";
import { cpus } from "node:os";
import { stdout } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Audience } from "./hook-sides.ts";
import { ours, peers, timingTable } from "./hook-table.ts";
import type { Timing, Timings } from "./hook-timing.ts";
import { medianTimings } from "./hook-timing.ts";

/** Code and memory lie elsewhere in each process, which alone moves a figure by a tenth. */
const PROCESSES = 5;
const ROUNDS = 3;

const MAX_RATIO = 1;
/** An event that nobody hears is one failed lookup in a Map, here and in tapable; two equal sides may differ by this. */
const TIE = 0.03;
const MAX_WHOLE_US = 50;

print(`Node ${process.version}, ${cpus()[0]?.model ?? "unknown CPU"}`);
print(`Medians of ${PROCESSES} processes of ${ROUNDS} rounds, in which all sides take turns.`);
print(`Each figure includes what the measuring itself takes, which is shown as "nothing".`);

const one = await timeInProcesses(1, "synchronous");
const synchronous = await timeInProcesses(20, "synchronous");
const asynchronous = await timeInProcesses(20, "asynchronous");
const none = medianTimings([one, synchronous, asynchronous].flat().map(({ unheard }) => unheard));

print(timingTable("0 listeners", none));
print(timingTable("1 synchronous listener", heardTimings(one)));
print(timingTable("20 synchronous listeners", heardTimings(synchronous)));
print(timingTable("20 asynchronous listeners", heardTimings(asynchronous)));

const ratio = ours(none).call / Math.min(...peers(none).map(({ call }) => call));
const slowest = Math.max(
  ...[synchronous, asynchronous].map((runs) => ours(heardTimings(runs)).whole ?? Infinity),
);
print("");
print(
  `0 listeners: ours/better peer = ${ratio.toFixed(2)} (goal ≤ ${MAX_RATIO.toFixed(1)}, a tie within ${TIE})`,
);
print(`20 listeners: ${slowest.toFixed(1)} µs (goal < ${MAX_WHOLE_US} µs)`);
process.exitCode = ratio <= MAX_RATIO + TIE && slowest < MAX_WHOLE_US ? 0 : 1;

async function timeInProcesses(size: number, kind: Audience["kind"]): Promise<readonly Timings[]> {
  const script = fileURLToPath(new URL("hook-process.ts", import.meta.url));
  const runs: Timings[] = [];
  for (let run = 0; run < PROCESSES; run += 1) {
    const args = [...process.execArgv, script, `${size}`, kind, `${ROUNDS}`];
    const printed = await promisify(execFile)(process.execPath, args);
    runs.push(JSON.parse(printed.stdout));
  }
  return runs;
}

function heardTimings(runs: readonly Timings[]): readonly Timing[] {
  return medianTimings(runs.map(({ heard }) => heard));
}

function print(line: string): void {
  stdout.write(`${line}\n`);
}
