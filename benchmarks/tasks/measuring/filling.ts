import type { Job, QueueSide } from "../sides/queue-side.ts";

/** So many in one call where the scenario does not say. */
export const PER_CALL = 1_000;

export interface Filled {
  readonly count: number;
  readonly seconds: number;
}

/** Enqueues jobs 0 … `count` - 1, a thousand per call and one call after the other. */
export async function fill(side: QueueSide, count: number, limitMs: number = Infinity): Promise<Filled> {
  const begin = performance.now();
  let done = 0;
  while (done < count && performance.now() - begin < limitMs) {
    const jobs = numbers(done, Math.min(PER_CALL, count - done));
    await side.enqueueMany(jobs);
    done += jobs.length;
  }
  return { count: done, seconds: (performance.now() - begin) / 1_000 };
}

export function numbers(first: number, count: number): readonly Job[] {
  return Array.from({ length: count }, (_, index) => ({ n: first + index }));
}
