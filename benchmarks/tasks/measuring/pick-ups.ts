import { setTimeout as delay } from "node:timers/promises";
import type { QueueSide } from "../sides/queue-side.ts";
import { fill } from "./filling.ts";
import { smallResult, untilWritten } from "./work-off.ts";

/** A worker that runs all the time, and how long it takes to notice a job. */
export interface PickUps {
  /** Milliseconds from before the call that enqueues to the start of the handler, one job at a time. */
  measure(count: number, limitMs: number): Promise<readonly number[]>;
  /** Has so many jobs done that nobody times. */
  pass(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** What `worker` does with what `maker` enqueues; the two may be one, or be as two processes. */
export async function startPickUps(worker: QueueSide, maker: QueueSide, slots: number): Promise<PickUps> {
  let begun: () => void = () => undefined;
  let passed = 0;
  const stop = await worker.work((job) => {
    passed += 1;
    begun();
    return smallResult(job);
  }, slots);

  return { measure, pass, stop };

  async function measure(count: number, limitMs: number): Promise<readonly number[]> {
    const delays: number[] = [];
    const end = performance.now() + limitMs;
    while (delays.length < count && performance.now() < end) {
      await delay(idleGap(delays.at(-1)));
      delays.push(await pickUp(delays.length));
    }
    return delays;
  }

  async function pickUp(n: number): Promise<number> {
    const started = new Promise<number>((resolve) => {
      begun = () => resolve(performance.now());
    });
    const begin = performance.now();
    const [at] = await Promise.all([started, maker.enqueueOne({ n })]);
    return at - begin;
  }

  async function pass(count: number): Promise<void> {
    const target = passed + count;
    const done = new Promise<void>((resolve) => {
      begun = () => passed >= target && resolve();
    });
    await fill(maker, count);
    await done;
    await untilWritten(worker);
  }
}

/** Long enough to be idle, and without a rhythm: one who polls must not be met at the same point of every round. */
function idleGap(lastDelayMs = 0): number {
  return 20 + Math.random() * Math.max(40, lastDelayMs);
}
