import type { Clock, Logger } from "@core/registry";
import { forgetDeadWorkers } from "../lease/worker-row.ts";
import type { Retention } from "../retention/retention.ts";
import { retainOnlyKept } from "../retention/retention-round.ts";
import type { Store } from "../store/store.ts";
import type { TaskTypeSettings } from "../task/task-type.ts";

/** Removes what nobody needs any more and mends what nobody would notice, every ten minutes. */
export interface Upkeep {
  start(): void;
  /** Resolves when what is under way has ended. */
  stop(): Promise<void>;
}

export interface UpkeepOptions {
  readonly store: Store;
  readonly settingsOf: (type: string) => Pick<TaskTypeSettings, "keep">;
  /** No type has a rule of retention, so that nothing is looked for. */
  readonly keepsAll: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const EVERY_MS = 600_000;
const KEYS_AT_ONCE = 10_000;

export function createUpkeep(options: UpkeepOptions): Upkeep {
  const { store, settingsOf, keepsAll, clock, random, logger } = options;
  const stopping = new AbortController();
  let cancel = (): void => {};
  let underWay: Promise<void> = Promise.resolve();

  return {
    start: plan,
    async stop() {
      stopping.abort();
      cancel();
      await underWay;
    },
  };

  /** Not at the same moment as all other workers. */
  function plan(): void {
    if (stopping.signal.aborted) return;
    cancel = clock.after(EVERY_MS * (0.5 + random()), () => {
      underWay = turn().finally(plan);
    });
  }

  async function turn(): Promise<void> {
    await keepUp(store, logger);
    if (keepsAll) return;
    const keepOf = (type: string): Retention => settingsOf(type).keep;
    await retainOnlyKept({ store, keepOf, clock, logger, signal: stopping.signal });
  }
}

/** The small part of a turn; never rejects. */
export async function keepUp(store: Store, logger: Logger): Promise<void> {
  try {
    await forgetDeadWorkers(store);
    await store.run(`select ${store.name("forget_keys_1")}($1::int)`, [KEYS_AT_ONCE]);
    await store.run(`select ${store.name("forget_targets_1")}()`, []);
    const [row] = await store.run<{ healed: number }>(`select ${store.name("heal_lanes_1")}() as healed`, []);
    await store.run(`select ${store.name("heal_families_1")}()`, []);
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
