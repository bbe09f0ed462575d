import type { Lease, WorkerIdentity } from "../lease/lease.ts";
import type { TaskBodyTable, TaskTable } from "../store/tables.ts";
import type { Task } from "./task.ts";

/** A task in a worker's hand. */
export interface ClaimedTask {
  readonly task: Task;
  readonly lease: Lease;
  /** What was found out about its target when it was made. */
  readonly target: { readonly isChecked: boolean; readonly orderKey: string | null };
  /** When its turn came. */
  readonly readyAt: Date;
  /** Its end makes room for another one. */
  readonly isLimited: boolean;
}

/** What a claim returns of a task. */
export type ClaimedRow = Omit<
  Task,
  "state" | "correlation_id" | "root_task_id" | "failure_code" | "result" | "finished_at"
> &
  Pick<TaskBodyTable, "target_checked" | "order_key"> &
  Pick<TaskTable, "turn"> & {
    readonly correlation_id: string | null;
    readonly root_task_id: string | null;
    readonly fence: number;
    readonly ready_at: Date;
  };

export function claimedTask(row: ClaimedRow, worker: WorkerIdentity): ClaimedTask {
  const task: Task = {
    id: row.id,
    type: row.type,
    queue: row.queue,
    lane: row.lane,
    limit_key: row.limit_key,
    reason: row.reason,
    state: "running",
    failure_code: null,
    title: row.title,
    prompt: row.prompt,
    payload: row.payload,
    bot_id: row.bot_id,
    session_id: row.session_id,
    channel_id: row.channel_id,
    parent_task_id: row.parent_task_id,
    root_task_id: row.root_task_id ?? row.id,
    depth: row.depth,
    correlation_id: row.correlation_id ?? row.id,
    dispatch_type: row.dispatch_type,
    dispatch_config: row.dispatch_config,
    callback_config: row.callback_config,
    execution_config: row.execution_config,
    origin: row.origin,
    trace_context: row.trace_context,
    priority: row.priority,
    attempt: row.attempt,
    max_attempts: row.max_attempts,
    max_run_seconds: row.max_run_seconds,
    idempotency_key: row.idempotency_key,
    result: null,
    errors: row.errors,
    created_at: row.created_at,
    scheduled_at: row.scheduled_at,
    run_at: row.run_at,
    started_at: row.started_at,
    finished_at: null,
  };
  return {
    task,
    lease: { id: row.id, fence: row.fence, worker },
    target: { isChecked: row.target_checked, orderKey: row.order_key },
    readyAt: row.ready_at,
    isLimited: row.turn === "limited",
  };
}
