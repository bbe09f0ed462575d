import type { Clock, Logger } from "@core/registry";
import { endsWithin } from "../lease/abort-grace.ts";
import { stoppingError } from "../lease/lease.ts";
import type { Liveness } from "./liveness.ts";
import type { Slots } from "./slots.ts";
import type { TaskEngine } from "./task-engine.ts";
import type { Upkeep } from "./upkeep.ts";

/** A worker's way out. */
export interface WorkerExit {
  /** It has left: what is not stored by now is recovered like after a crash. */
  readonly isOver: boolean;
  /** Hands back what has not begun, waits for the rest, aborts it after the grace, and leaves. */
  leave(graceMs: number): Promise<void>;
}

export interface WorkerExitOptions {
  readonly tasks: TaskEngine;
  readonly deliverySlots: Slots;
  readonly liveness: Liveness;
  readonly upkeep: Upkeep;
  /** Resolves when the worker has begun and looks for nothing more. */
  readonly quiet: () => Promise<void>;
  readonly stopListening: () => Promise<void>;
  readonly reportRound: (error: unknown) => number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a stop waits, after its grace, for aborted work to end and for the database to take the last writes. */
const LAST_WRITES_MS = 5_000;

export function createWorkerExit(options: WorkerExitOptions): WorkerExit {
  const { tasks, deliverySlots, liveness, upkeep, clock, logger } = options;
  let graceIsOver = false;
  let isOver = false;

  return {
    get isOver() {
      return isOver;
    },
    async leave(graceMs) {
      tasks.leave();
      const cancel = clock.after(graceMs, () => {
        graceIsOver = true;
        abortAll();
      });
      const drained = await endsWithin(drain(), graceMs + LAST_WRITES_MS, clock);
      cancel();
      isOver = true;
      if (drained) return logger.info({}, "The worker has stopped.");
      void liveness.end();
      logger.error(
        {},
        "The worker stopped with work that could not be stored; it will be recovered like after a crash.",
      );
    },
  };

  async function drain(): Promise<void> {
    await options.quiet();
    if (graceIsOver) abortAll();
    await Promise.all([tasks.idle(), deliverySlots.idle()]);
    await upkeep.stop();
    await options.stopListening();
    await liveness.end();
    await tasks.handBackGivenUp().catch(options.reportRound);
  }

  function abortAll(): void {
    tasks.abortAll(stoppingError());
    deliverySlots.abortAll(stoppingError());
  }
}
