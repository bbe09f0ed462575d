import type { Clock } from "@core/registry";
import type { EnqueueReceipt } from "../task/task.ts";
import type { NewTask, StoredTasks } from "../task/task-row.ts";
import type { Worker } from "./worker.ts";

/** A worker as its own process sees it. */
export interface LocalWorker extends Worker {
  /** Stores new tasks in the call by which it claims them; null: it is busy, or they are not for it. */
  carry(tasks: readonly NewTask[]): Promise<Carried> | null;
  /** Looks at once whether a schedule is due. */
  checkSchedules(): void;
  /** Looks for deliveries at once; false: it does not deliver. */
  lookForDeliveries(): boolean;
}

export interface Carried {
  readonly stored: StoredTasks;
  /** True: somebody else may run some of them. */
  readonly isSomeLeft: boolean;
}

/** The workers of this process, which need no notification. */
export interface LocalWorkers extends Pick<LocalWorker, "carry"> {
  add(worker: LocalWorker): void;
  delete(worker: LocalWorker): void;
  /** They look at once, or when the first of these tasks is due. */
  nudgeFor(receipts: readonly EnqueueReceipt[]): void;
  nudge(): void;
  /** False: none of them delivers. */
  lookForDeliveries(): boolean;
  checkCancelled(): void;
  checkSchedules(): void;
}

export function createLocalWorkers(clock: Clock): LocalWorkers {
  const workers = new Set<LocalWorker>();

  return {
    add: (worker) => void workers.add(worker),
    delete: (worker) => void workers.delete(worker),
    carry(tasks) {
      for (const worker of workers) {
        const carried = worker.carry(tasks);
        if (carried !== null) return carried;
      }
      return null;
    },
    nudgeFor(receipts) {
      const planned = receipts.flatMap(({ task }) => task.scheduled_at ?? []);
      if (planned.length < receipts.length) nudge();
      if (planned.length === 0) return;
      // Also one that is due by now has to be woken.
      const inMs = Math.max(Math.min(...planned.map(Number)) - clock.now(), 1);
      for (const worker of workers) worker.nudge(inMs);
    },
    nudge,
    lookForDeliveries: () => [...workers].filter((worker) => worker.lookForDeliveries()).length > 0,
    checkCancelled() {
      for (const worker of workers) worker.checkCancelled();
    },
    checkSchedules() {
      for (const worker of workers) worker.checkSchedules();
    },
  };

  function nudge(): void {
    for (const worker of workers) worker.nudge();
  }
}
