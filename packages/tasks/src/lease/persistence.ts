import type { Clock, Logger } from "@core/registry";
import { isRefusal } from "../store/database-fault.ts";

export interface PersistOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** Tries are over when this says so: the lease is lost, or the worker has ended. */
  readonly hopeless: () => boolean;
}

const LONGEST_WAIT_MS = 5_000;

/**
 * Writes the end of a piece of work, again and again while the database does not answer, so that an outage
 * shorter than the lease costs no result. Null when it was hopeless.
 * @throws what the database answers to a write that it will never take
 */
export async function persist<Result>(
  write: () => Promise<Result>,
  options: PersistOptions,
): Promise<Result | null> {
  for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await write();
    } catch (error) {
      if (isRefusal(error)) throw error;
      options.logger.warn({ err: error }, "The end of a piece of work could not be stored yet.");
      if (options.hopeless()) return null;
      await pause(options.clock, waitMs * (0.5 + options.random() / 2));
      if (options.hopeless()) return null;
    }
  }
}

function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
