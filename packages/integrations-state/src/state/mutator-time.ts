import type { Clock } from "@core/registry";
import { mutatorTimedOut } from "./store-faults.ts";

export interface MutatorTimes {
  readonly clock: Clock;
  /** How long a mutator may take. */
  readonly mutatorTimeoutMs: number;
}

/** @throws STATE_MUTATOR_TIMEOUT when the work does not end in time; what becomes of it later is of no interest. */
export async function inTime<Value>(
  work: Promise<Value>,
  { clock, mutatorTimeoutMs }: MutatorTimes,
): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const stop = clock.after(mutatorTimeoutMs, () => reject(mutatorTimedOut(mutatorTimeoutMs)));
  try {
    return await Promise.race([work, late]);
  } finally {
    stop();
  }
}
