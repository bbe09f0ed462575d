import type { Clock, Logger } from "@core/registry";
import type { EnqueueReceipt } from "../task/task.ts";
import { createWakeSignal } from "../worker/wake-signal.ts";
import type { ScheduleDeps } from "./schedule-creation.ts";
import type { Firing } from "./schedule-firing.ts";
import { fireDueSchedule } from "./schedule-firing.ts";
import { nextScheduleInMs } from "./schedule-storage.ts";

/** Makes the tasks of schedules when they are due; any number of them share the work. */
export interface Scheduler {
  /** Begins to fire what is due by itself. */
  start(): void;
  /** Fires what is due now. Resolves when its tasks are stored; what fails is logged. */
  fireDue(): Promise<void>;
  /** Looks at once, because a schedule has changed. */
  wake(): void;
  /** Fires nothing more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

export interface SchedulerOptions extends ScheduleDeps {
  /** Told of new tasks once they are stored. */
  readonly onTasks: (receipts: readonly EnqueueReceipt[]) => void;
  /** True when nothing more may be fired. */
  readonly isLeaving: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The longest sleep: schedules that other processes have made are found after it at the latest. */
const LONGEST_SLEEP_MS = 30_000;
/** After which something is tried again that failed, or that another process had locked. */
const AGAIN_MS = 1_000;

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { store, onTasks, isLeaving, clock, logger } = options;
  const wake = createWakeSignal(clock);
  let loop: Promise<void> = Promise.resolve();
  let isStopped = false;

  return {
    start() {
      if (!isStopped) loop = run();
    },
    fireDue,
    wake: wake.wake,
    async stop() {
      isStopped = true;
      wake.wake();
      await loop;
    },
  };

  async function run(): Promise<void> {
    while (!isStopped) await wake.sleep(await round().catch(reportRound));
  }

  /** How long to sleep after it. */
  async function round(): Promise<number> {
    await fireDue();
    const inMs = await nextScheduleInMs(store);
    if (inMs === null) return LONGEST_SLEEP_MS;
    return inMs > 0 ? Math.min(Math.ceil(inMs), LONGEST_SLEEP_MS) : AGAIN_MS;
  }

  async function fireDue(): Promise<void> {
    if (isOver()) return;
    const inMs = await nextScheduleInMs(store);
    if (inMs === null || inMs > 0) return;
    const inTrouble: string[] = [];
    while (!isOver() && (await fireOne(inTrouble)));
  }

  /** False when nothing is due any more. One whose firing fails is left for later, and the others go on. */
  async function fireOne(inTrouble: string[]): Promise<boolean> {
    let id: string | null = null;
    try {
      const firing = await fireDueSchedule(options, inTrouble, (locked) => (id = locked));
      if (firing === null) return false;
      if (firing.receipts.length > 0) onTasks(firing.receipts);
      tell(firing);
    } catch (error) {
      if (id === null) throw error;
      logger.error({ schedule_id: id, err: error }, "A schedule was not fired; it is tried again.");
      inTrouble.push(id);
    }
    return true;
  }

  function tell({ schedule: { id, name }, receipts, missed_since, error }: Firing): void {
    const subject = { schedule_id: id, name };
    if (missed_since !== null) {
      const facts = { ...subject, missed_since, tasks: receipts.length };
      logger.warn(facts, "Occurrences of a schedule were missed; its policy says which are made up for.");
    }
    if (error !== null) {
      logger.error({ ...subject, reason: error }, "A schedule could not make its task; it goes on.");
    }
  }

  function isOver(): boolean {
    return isStopped || isLeaving();
  }

  function reportRound(error: unknown): number {
    logger.error({ err: error }, "The schedules could not be looked at; it is tried again.");
    return AGAIN_MS;
  }
}
