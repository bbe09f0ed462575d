import { fill, numbers, PER_CALL } from "../measuring/filling.ts";
import type { QueueSide } from "../sides/queue-side.ts";
import type { Bench, Figures, Scenario } from "./scenario.ts";

/** Ten callers that each wait for one task to be stored before they enqueue the next. */
export const enqueueOne: Scenario = {
  name: "enqueue-one",
  title: "Enqueue one by one, 10 callers",
  text: "Each of 10 callers waits until its task is committed before it enqueues the next. No worker runs.",
  engine: "postgres",
  use: "throughput",
  sides: ["ours", "graphile", "pg-boss", "pg-boss-default"],
  figures: ["rate", "tasks"],
  measure: enqueueByCallers,
};

/** One caller that stores a thousand tasks by each call. */
export const enqueueMany: Scenario = {
  ...enqueueOne,
  name: "enqueue-many",
  title: "Enqueue 1,000 per call",
  text: "One caller, one call after the other. No worker runs.",
  async measure({ open, scale }) {
    const side = await open();
    await fill(side, 5 * PER_CALL);
    const { count, seconds } = await fill(side, scale.tasks, scale.limitMs);
    return { rate: count / seconds, tasks: count };
  },
};

/** Also on PGlite. */
export async function enqueueByCallers({ open, scale }: Bench): Promise<Figures> {
  const { tasks, callers, limitMs } = scale;
  const side = await open();
  await callAtOnce(side, { jobs: 500, callers, limitMs: 1_000 });
  const begin = performance.now();
  const done = await callAtOnce(side, { jobs: tasks, callers, limitMs });
  return { rate: (done * 1_000) / (performance.now() - begin), tasks: done };
}

async function callAtOnce(
  side: QueueSide,
  { jobs, callers, limitMs }: { readonly jobs: number; readonly callers: number; readonly limitMs: number },
): Promise<number> {
  const end = performance.now() + limitMs;
  const left = numbers(0, jobs).values();
  let done = 0;
  async function call(): Promise<void> {
    for (const job of left) {
      await side.enqueueOne(job);
      done += 1;
      if (performance.now() > end) return;
    }
  }
  await Promise.all(Array.from({ length: callers }, call));
  return done;
}
