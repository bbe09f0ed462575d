import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import { TasksError } from "../errors.ts";

/** Who a worker is: the same `id` over restarts, a new `epoch` each time. */
export interface WorkerIdentity {
  readonly id: string;
  readonly epoch: number;
}

/** The right to change one running row; void as soon as the row has another fence, worker or epoch. */
export interface Lease {
  /** Of the task or the delivery. */
  readonly id: string;
  readonly fence: number;
  readonly worker: WorkerIdentity;
}

/** Tells one claim of a row from all others. */
export function leaseKey({ id, fence }: Pick<Lease, "id" | "fence">): string {
  return `${id}:${fence}`;
}

/** The guard of every change of a delivery, in SQL: it is still being sent under this very lease. */
export function sentUnder(lease: Lease): RawBuilder<boolean> {
  return sql<boolean>`id = ${lease.id}::uuid and fence = ${lease.fence}::bigint and state = 'sending'
    and worker_id = ${lease.worker.id} and worker_epoch = ${lease.worker.epoch}::bigint`;
}

/** The reason of an abort when a row belongs to somebody else now; what the run gives back is dropped. */
export class LeaseLost extends TasksError {
  override readonly name = "LeaseLost";

  constructor(id: string) {
    super({
      code: "LEASE_LOST",
      message: `The lease on ${id} is lost: another attempt may be under way. Stop without side effects.`,
      retryable: true,
      details: { id },
    });
  }
}

/** The reason of an abort when somebody cancelled the task. */
export function cancelledError(id: string): TasksError {
  return new TasksError({
    code: "TASK_CANCELLED",
    message: `Task ${id} was cancelled. Stop; what the run gives back is dropped.`,
    details: { id },
  });
}

/** The reason of an abort when the worker stops and its grace is over. */
export function stoppingError(): TasksError {
  return new TasksError({
    code: "WORKER_STOPPING",
    message: "The worker is stopping. Stop soon; the work goes back to the queue.",
    retryable: true,
  });
}
