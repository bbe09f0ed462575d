import { difference, readCounters, type Counters } from "../measuring/counters.ts";
import { fill } from "../measuring/filling.ts";
import { vacuumAnalyze } from "../measuring/maintenance.ts";
import { warmUp } from "../measuring/warm-up.ts";
import { workOff, type Used, type WorkedOff } from "../measuring/work-off.ts";
import { addressOf, type Bench, type Figures, type Scenario } from "./scenario.ts";

/** A full queue of tasks that do nothing but return a small result. */
export const drain: Scenario = {
  name: "drain",
  title: "Drain of no-ops",
  text:
    "The queue is full, vacuumed and analysed before a worker starts; each task returns a small result. Timed until " +
    "the last end is committed, without what it takes to start a worker. Transactions (with those of opening the " +
    "library), WAL and CPU are of the drain alone.",
  engine: "postgres",
  use: "throughput",
  sides: ["ours", "graphile", "graphile-default", "pg-boss", "pg-boss-default"],
  figures: ["rate", "tasks", "transactions", "wal", "cpu"],
  measure: (bench) => drainCounted(bench, "full"),
};

/** The same when the tasks have just come: the server still believes that the queue is nearly empty. */
export const drainOfBurst: Scenario = {
  ...drain,
  name: "drain-burst",
  title: "Drain of no-ops that have just come",
  text: "The same, but vacuumed and analysed before the queue is filled: plans are made for the queue as it was.",
  sides: ["ours", "graphile", "pg-boss"],
  measure: (bench) => drainCounted(bench, "empty"),
};

/** Also on PGlite, which counts nothing and analyses nothing by itself. */
export async function drainOnly({ open, scale }: Bench): Promise<Figures> {
  const side = await open();
  const startUp = await warmUp(side, scale.slots);
  await fill(side, scale.tasks);
  return ratesOf(await workOff(side, { ...scale, jobs: scale.tasks, startUp }));
}

async function drainCounted(bench: Bench, analysed: "full" | "empty"): Promise<Figures> {
  const url = addressOf(bench.place);
  const startUp = await prepare(bench, url, analysed);
  const before = await readCounters(url);
  const side = await bench.open();
  const result = await workOff(side, { ...bench.scale, jobs: bench.scale.tasks, startUp });
  await side.close();
  return { ...ratesOf(result), ...perTask(result, difference(before, await readCounters(url))) };
}

/** Fills the queue and closes it, so that what this takes is counted before. */
async function prepare({ open, scale }: Bench, url: string, analysed: "full" | "empty"): Promise<Used> {
  const side = await open();
  const startUp = await warmUp(side, scale.slots);
  if (analysed === "empty") await vacuumAnalyze(url);
  await fill(side, scale.tasks);
  if (analysed === "full") await vacuumAnalyze(url);
  await side.close();
  return startUp;
}

function ratesOf({ handled, used }: WorkedOff): Figures {
  return { rate: handled / used.seconds, tasks: handled, cpu: used.cpuMs / handled };
}

function perTask({ handled }: WorkedOff, used: Counters): Figures {
  return { transactions: used.transactions / handled, wal: used.walBytes / handled };
}
