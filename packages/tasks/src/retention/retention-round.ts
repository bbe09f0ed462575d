import type { Clock, Logger } from "@core/registry";
import type { Store } from "../store/store.ts";
import { removeEnded } from "./removal.ts";
import type { Retention } from "./retention.ts";

export interface RetentionRoundOptions {
  readonly store: Store;
  /** How long ended tasks of a type are kept. */
  readonly keepOf: (type: string) => Retention;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted, it ends after the batch in hand. */
  readonly signal: AbortSignal;
}

/** Between batches others have the database to themselves. */
const PAUSE_MS = 100;

/** Removes the ended tasks that nobody wants to keep, unless another worker is at it; never rejects. */
export async function retainOnlyKept(options: RetentionRoundOptions): Promise<void> {
  const { logger } = options;
  try {
    const removed = await removeAll(options);
    if (removed > 0) logger.info({ tasks: removed }, "Ended tasks that are not kept were removed.");
  } catch (error) {
    logger.warn({ err: error }, "Ended tasks could not be removed; it is done again later.");
  }
}

async function removeAll({ store, keepOf, clock, signal }: RetentionRoundOptions): Promise<number> {
  let total = 0;
  const options = { waits: false, signal, pause: () => pause(clock, signal) };
  for await (const removed of removeEnded(store, ({ type, state }) => keepOf(type)[state], options)) {
    total += removed;
  }
  return total;
}

function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.after(PAUSE_MS, end);
    signal.addEventListener("abort", end);
  });
}
