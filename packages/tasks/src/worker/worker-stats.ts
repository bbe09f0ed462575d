import type { Settled } from "../task/task-end.ts";

/** What a worker has done since it was made, and what it has in hand now. */
export interface WorkerStats {
  readonly complete: number;
  readonly failed: number;
  /** Runs whose task went back to the queue or waits for its children: retries, snoozes and hand-backs too. */
  readonly returned: number;
  readonly cancelled: number;
  /** Runs whose end was dropped, because another attempt had the task by then. */
  readonly leasesLost: number;
  readonly tasksInHand: number;
  readonly deliveriesInHand: number;
}

export interface WorkerStatsCounter {
  settled(how: Settled): void;
  read(inHand: { readonly tasks: number; readonly deliveries: number }): WorkerStats;
}

export function createWorkerStats(): WorkerStatsCounter {
  const counts = { complete: 0, failed: 0, returned: 0, cancelled: 0, leasesLost: 0 };

  return {
    settled(how) {
      counts[how === null ? "leasesLost" : how === "pending" || how === "waiting" ? "returned" : how] += 1;
    },
    read: ({ tasks, deliveries }) => ({ ...counts, tasksInHand: tasks, deliveriesInHand: deliveries }),
  };
}
