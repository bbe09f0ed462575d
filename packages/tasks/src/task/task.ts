import type { ExecutionConfig, JsonObject, JsonValue, Origin } from "@core/registry";
import type { DeliveryRecord } from "../delivery/delivery-record.ts";
import type { PageRequest } from "../store/page.ts";
import type { TaskNotes } from "../watch/task-event.ts";

/**
 * | state | meaning | next |
 * |---|---|---|
 * | pending | waits for its time, its lane or a worker | running, cancelled |
 * | running | one worker holds its lease | complete, failed, pending (retry, lost lease, clean stop), waiting |
 * | waiting | for its children or an approval | pending, cancelled |
 * | complete | the end | |
 * | failed, cancelled | the end | pending, when somebody retries it |
 */
export type TaskState = "pending" | "running" | "waiting" | "complete" | "failed" | "cancelled";

export const taskStates: readonly TaskState[] = [
  "pending",
  "running",
  "waiting",
  "complete",
  "failed",
  "cancelled",
];

/**
 * Why a failed task failed. `exhausted`: its attempts are used up. `lease_lost`: its last worker died.
 * `timed_out`: it ran longer than `max_run_seconds`. `non_retryable`: running it again is unsafe or useless.
 */
export type FailureCode = "timed_out" | "exhausted" | "non_retryable" | "lease_lost";

export const failureCodes: readonly FailureCode[] = ["timed_out", "exhausted", "non_retryable", "lease_lost"];

/** Why a task exists. */
export type TaskReason = "api" | "scheduled" | "delegation" | "callback" | "inject";

export const taskReasons: readonly TaskReason[] = ["api", "scheduled", "delegation", "callback", "inject"];

/** One unit of work, as it is read. Field names are those of the wire and of the database. */
export interface Task {
  readonly id: string;
  /** Chooses the handler. */
  readonly type: string;
  readonly queue: string;
  /** Tasks of one lane run one at a time, in order. */
  readonly lane: string | null;
  /** Tasks of one key share its limits. */
  readonly limit_key: string | null;
  readonly reason: TaskReason;
  readonly state: TaskState;
  readonly failure_code: FailureCode | null;
  readonly title: string | null;
  readonly prompt: string | null;
  readonly payload: JsonValue;
  readonly bot_id: string | null;
  readonly session_id: string | null;
  readonly channel_id: string | null;
  readonly parent_task_id: string | null;
  /** The first of its family; its own id when it has no parent. */
  readonly root_task_id: string;
  /** How many parents it has above it. */
  readonly depth: number;
  readonly correlation_id: string;
  readonly dispatch_type: string;
  readonly dispatch_config: JsonObject | null;
  readonly callback_config: JsonObject | null;
  readonly execution_config: ExecutionConfig | null;
  readonly origin: Origin | null;
  /** The trace that the task belongs to, as its maker's propagator wrote it. */
  readonly trace_context: TraceContext | null;
  /** Higher first. */
  readonly priority: number;
  /** Runs that have begun and count. */
  readonly attempt: number;
  readonly max_attempts: number;
  readonly max_run_seconds: number;
  readonly idempotency_key: string | null;
  readonly result: JsonValue;
  /** One entry per failed run, oldest first. */
  readonly errors: readonly TaskError[];
  readonly created_at: Date;
  readonly scheduled_at: Date | null;
  /** When a pending task may run next. */
  readonly run_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

/** A task as lists show it: without what may be long. */
export type TaskSummary = Omit<
  Task,
  | "payload"
  | "dispatch_config"
  | "callback_config"
  | "execution_config"
  | "origin"
  | "trace_context"
  | "result"
  | "errors"
> & {
  /** The first 200 characters. */
  readonly prompt: string | null;
};

export interface TaskWithDeliveries extends Task, TaskNotes {
  readonly deliveries: readonly DeliveryRecord[];
}

export interface TaskError {
  readonly attempt: number;
  readonly at: string;
  readonly code: string;
  readonly message: string;
}

/** Headers of a trace, such as `traceparent`. */
export type TraceContext = Readonly<Record<string, string>>;

/** What happens to a task whose dedupe key another one has. */
export interface Dedupe {
  /** Unique among tasks of the same type. */
  readonly key: string;
  /**
   * `skip` (default): the other one stays as it is. The others change it as long as it has not begun: `replace` its
   * content, `debounce` its content and its time, `merge` its payload (lists joined, objects overlaid).
   */
  readonly on_conflict?: "skip" | "replace" | "debounce" | "merge";
  /** For how long a key is taken, counted from the task that took it; omitted: while that task has not ended. */
  readonly window_seconds?: number;
}

/** What makes a task. Only what a handler needs is needed. */
export interface TaskInput {
  /** Default `agent`. */
  readonly type?: string;
  readonly prompt?: string;
  readonly payload?: JsonValue;
  /** Default `default`. */
  readonly queue?: string;
  /** Within it, tasks run one at a time in order; a child in its parent's lane does not wait for the parent. */
  readonly lane?: string;
  /** Shares the limits set for this key, whatever the type and the queue. */
  readonly limit_key?: string;
  readonly reason?: TaskReason;
  readonly title?: string;
  readonly bot_id?: string;
  readonly session_id?: string;
  readonly channel_id?: string;
  /** A task that exists; at most 20 levels below its root. */
  readonly parent_task_id?: string;
  readonly correlation_id?: string;
  /** Where the result goes; omitted: asked of `resolveTarget`, else `none`. */
  readonly dispatch_type?: string;
  readonly dispatch_config?: JsonObject;
  /** Refuse a dispatch type that is not known here (default); otherwise the delivery is parked until it is. */
  readonly strict?: boolean;
  readonly callback_config?: JsonObject;
  readonly execution_config?: ExecutionConfig;
  readonly origin?: Origin;
  readonly priority?: number;
  readonly scheduled_at?: Date;
  /** The same by the database's clock: so many milliseconds from now. */
  readonly delay_ms?: number;
  /** One task for several askings. */
  readonly dedupe?: Dedupe;
  readonly trace_context?: TraceContext;
  /** The same key gives the same task back; with other fields it is a conflict. */
  readonly idempotency_key?: string;
  readonly max_attempts?: number;
  readonly max_run_seconds?: number;
}

export interface EnqueueReceipt {
  readonly task: Task;
  /** False when the idempotency key or the dedupe key belonged to this task already. */
  readonly created: boolean;
}

/**
 * Which tasks a list shows. A page looks through at most 50,000 tasks, so with a rare type, queue, lane or reason it may
 * have fewer than its limit, and none at all, and still a `next_cursor`.
 */
export interface TaskFilter extends PageRequest {
  readonly state?: TaskState;
  /** The children of this task. */
  readonly parent_task_id?: string;
  /** All below this task. */
  readonly root_task_id?: string;
  readonly type?: string;
  readonly queue?: string;
  readonly lane?: string;
  readonly session_id?: string;
  readonly failure_code?: FailureCode;
  readonly reason?: TaskReason;
  /** By the clock of its maker, which is in its id; in milliseconds, this one included. */
  readonly created_after?: Date;
  /** The same, this one excluded. */
  readonly created_before?: Date;
}

/**
 * What cancelling has done: `cancelled`: the task had not begun and never will; `cancelling`: its handler has been told
 * to end; `ended`: it had ended before; `unknown`: there is no such task.
 */
export type CancelAnswer = "cancelled" | "cancelling" | "ended" | "unknown";

/**
 * What retrying has done: `retried`: it failed or was cancelled, and runs again; `not_ended`: it is still to run;
 * `complete`: it has succeeded, so to do it again takes a new task; `unknown`: there is no such task.
 */
export type RetryAnswer = "retried" | "not_ended" | "complete" | "unknown";
