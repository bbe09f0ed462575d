import type { Clock, Logger } from "@core/registry";

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

/**
 * True when the same write would be refused for ever: its data is bad (SQLSTATE class 22), breaks a rule (23) or is
 * too large (54), or our own code fails on it before the database sees it.
 */
function isRefusal(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return true;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^(22|23|54)[0-9A-Z]{3}$/.test(code);
}

function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
