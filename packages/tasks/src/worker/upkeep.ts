import type { Clock, Logger } from "@core/registry";
import { forgetDeadWorkers } from "../lease/worker-row.ts";
import type { Store } from "../store/store.ts";

/** Removes what nobody needs any more and mends what nobody would notice, every ten minutes. */
export interface Upkeep {
  start(): void;
  /** Resolves when what is under way has ended. */
  stop(): Promise<void>;
}

export interface UpkeepOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const EVERY_MS = 600_000;
const KEYS_AT_ONCE = 10_000;

export function createUpkeep({ store, clock, random, logger }: UpkeepOptions): Upkeep {
  let cancel = (): void => {};
  let underWay: Promise<void> = Promise.resolve();
  let isStopped = false;

  return {
    start: plan,
    async stop() {
      isStopped = true;
      cancel();
      await underWay;
    },
  };

  /** Not at the same moment as all other workers. */
  function plan(): void {
    if (isStopped) return;
    cancel = clock.after(EVERY_MS * (0.5 + random()), () => {
      underWay = keepUp(store, logger).finally(plan);
    });
  }
}

/** One turn of it; never rejects. */
export async function keepUp(store: Store, logger: Logger): Promise<void> {
  try {
    await forgetDeadWorkers(store);
    await store.run(`select ${store.name("forget_keys_1")}($1::int)`, [KEYS_AT_ONCE]);
    await store.run(`select ${store.name("forget_targets_1")}()`, []);
    const [row] = await store.run<{ healed: number }>(`select ${store.name("heal_lanes_1")}() as healed`, []);
    if (row !== undefined && row.healed > 0) {
      logger.warn(
        { lanes: row.healed },
        "Lanes in which tasks waited for nobody go on; was a row deleted by hand?",
      );
    }
  } catch (error) {
    logger.warn({ err: error }, "The upkeep of the queue failed; it is done again later.");
  }
}
