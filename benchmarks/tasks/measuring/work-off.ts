import { setTimeout as delay } from "node:timers/promises";
import type { Handler, QueueSide } from "../sides/queue-side.ts";

export interface Order {
  /** Jobs 0 … `jobs` - 1 are enqueued already. */
  readonly jobs: number;
  readonly slots: number;
  /** After this, what is done counts. */
  readonly limitMs: number;
  /** What it takes to start a worker, which does not count. Default: nothing. */
  readonly startUp?: Used;
  /** Default: nothing but a small result. */
  readonly handler?: Handler;
}

export interface Used {
  readonly seconds: number;
  /** Of a processor, by this process. */
  readonly cpuMs: number;
}

export interface WorkedOff {
  readonly handled: number;
  /** From the call that starts the worker until the last end is committed, less the start-up. */
  readonly used: Used;
  /** From that call to the start of the first handler. */
  readonly untilFirst: Used;
  /** From the start of the first handler until the last one returned. */
  readonly handlingSeconds: number;
}

/** Starts a worker, waits until it has done all jobs, and proves that it did each of them once. */
export async function workOff(side: QueueSide, order: Order): Promise<WorkedOff> {
  const { jobs, slots, limitMs, startUp = nothing, handler = smallResult } = order;
  const times = new Uint8Array(jobs);
  const over = Promise.withResolvers<void>();
  let first: Mark | undefined;
  let handled = 0;
  let lastReturned = 0;

  const called = mark();
  const stop = await side.work(async (job) => {
    first ??= mark();
    const result = await handler(job);
    times[job.n] = (times[job.n] ?? 0) + 1;
    handled += 1;
    lastReturned = performance.now();
    if (handled === jobs) over.resolve();
    return result;
  }, slots);
  const limit = setTimeout(over.resolve, limitMs);
  await over.promise;
  clearTimeout(limit);
  const counted = handled;
  if (counted === jobs) await untilWritten(side);
  const end = mark();
  await stop();
  if (first === undefined) throw new Error(`No job had begun after ${limitMs} ms.`);
  if (counted === jobs) await assertAllOnce(side, times);
  return {
    handled: counted,
    used: less(since(called, end), startUp),
    untilFirst: since(called, first),
    handlingSeconds: (lastReturned - first.at) / 1_000,
  };
}

/** Waits until the ends of all handled jobs are committed. */
export async function untilWritten(side: QueueSide): Promise<void> {
  while (await side.isWriting()) await delay(2);
}

export const smallResult: Handler = ({ n }) => ({ ok: n });

const nothing: Used = { seconds: 0, cpuMs: 0 };

interface Mark {
  readonly at: number;
  readonly cpuMs: number;
}

function mark(): Mark {
  const { user, system } = process.cpuUsage();
  return { at: performance.now(), cpuMs: (user + system) / 1_000 };
}

function since(begin: Mark, end: Mark): Used {
  return { seconds: (end.at - begin.at) / 1_000, cpuMs: end.cpuMs - begin.cpuMs };
}

function less(all: Used, part: Used): Used {
  return { seconds: all.seconds - part.seconds, cpuMs: all.cpuMs - part.cpuMs };
}

async function assertAllOnce(side: QueueSide, times: Uint8Array): Promise<void> {
  const wrong = times.findIndex((count) => count !== 1);
  if (wrong >= 0) throw new Error(`Job ${wrong} ran ${times[wrong]} times instead of once.`);
  const open = await side.unfinished();
  if (open > 0) throw new Error(`${open} jobs have not ended, although their handlers have.`);
}
