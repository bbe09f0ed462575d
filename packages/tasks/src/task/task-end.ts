import type { DeliveryKind, DispatcherRegistry, JsonValue } from "@core/registry";
import { newDelivery } from "../delivery/outbox.ts";
import type { Lease } from "../lease/lease.ts";
import type { RetryPolicy } from "../retry-policy.ts";
import { LONGEST_RETRY_AFTER_MS, retryDelayMs } from "../retry-policy.ts";
import { storable } from "../store/storable-text.ts";
import type { UnstoredNotes } from "../watch/run-notes.ts";
import type { ClaimedTask } from "./claimed-task.ts";
import type { EndedTask } from "./exchange.ts";
import type { FailureCode, TaskError } from "./task.ts";
import type { NewTask } from "./task-row.ts";
import { rowOf } from "./task-row.ts";
import type { TaskFailure } from "./task-failure.ts";
import { LONGEST_DELAY_MS } from "./task-input.ts";

/** How a task stands after a run; null: the lease was lost and nothing was written. */
export type Settled = "complete" | "failed" | "pending" | "waiting" | "cancelled" | null;

/** How a run ended and what is to be stored of it. */
export interface TaskEnd {
  readonly id: string;
  readonly fence: number;
  readonly state: Exclude<Settled, null>;
  readonly failure_code?: FailureCode;
  /** A pending task waits for so long. */
  readonly delay_ms?: number;
  /** What shares its limit does not start for so long either. */
  readonly hold_ms?: number;
  /** 1: the run does not count as an attempt. */
  readonly uncounted?: 1;
  /** The result, or the error that is told. */
  readonly content?: JsonValue;
  readonly error?: TaskError;
  readonly delivery?: Record<string, unknown>;
  /** New tasks that exist if and only if this end is stored. */
  readonly tasks?: readonly NewTask[];
  /** What the run has said and is not stored yet. */
  readonly notes?: UnstoredNotes;
  /** Whose lease it is, if it is another worker's. */
  readonly worker_id?: string;
  readonly worker_epoch?: number;
  /** Only if that worker is dead. */
  readonly orphan?: true;
}

/** Told what has become of an end. */
export type SettledListener = (claimed: ClaimedTask, settled: Settled, end: TaskEnd) => void;

export interface TaskEndDeps {
  readonly dispatchers: DispatcherRegistry;
  readonly random: () => number;
}

/** The handler gave a result. */
export function completed(deps: TaskEndDeps, claimed: ClaimedTask, result: JsonValue): TaskEnd {
  const end = { ...heldBy(claimed.lease), state: "complete" as const };
  return { ...end, ...told(deps, claimed, "task_result", result) };
}

/** The run failed: the task runs again, or ends with an error delivery. */
export function failed(
  deps: TaskEndDeps,
  claimed: ClaimedTask,
  failure: TaskFailure,
  backoff: RetryPolicy,
): TaskEnd {
  const { task, lease } = claimed;
  const { code, message } = storable({ code: failure.code, message: failure.message });
  const error = { attempt: task.attempt, at: new Date().toISOString(), code, message };
  const end = { ...heldBy(lease), error, ...holding(claimed, failure) };
  if (failure.retry && task.attempt < task.max_attempts) {
    return { ...end, state: "pending", delay_ms: delayAfter(failure, task.attempt, backoff, deps.random) };
  }
  const failureCode = failure.failureCode;
  const content = { code: failureCode, message };
  const isSilent = task.dispatch_type === "none";
  const rest = isSilent ? {} : told(deps, claimed, "task_error", content);
  return { ...end, state: "failed", failure_code: failureCode, ...rest };
}

/** The run was handed back unfinished: it does not count, and the task runs again, at once or after a while. */
export function handedBack({ lease }: ClaimedTask, delayMs = 0): TaskEnd {
  // Not a number either, where a handler without types says nothing.
  const delay = delayMs >= 0 ? Math.min(delayMs, LONGEST_DELAY_MS) : 0;
  return { ...heldBy(lease), state: "pending", uncounted: 1, delay_ms: delay };
}

/** The run is over until the task's children have ended: it does not count, and the task runs again then. */
export function waiting({ lease }: ClaimedTask): TaskEnd {
  return { ...heldBy(lease), state: "waiting", uncounted: 1 };
}

export function cancelled({ lease }: ClaimedTask): TaskEnd {
  return { ...heldBy(lease), state: "cancelled" };
}

/** The same end, of a run whose worker is dead. */
export function orphaned(end: TaskEnd, { worker }: Lease): TaskEnd {
  return { ...end, worker_id: worker.id, worker_epoch: worker.epoch, orphan: true };
}

function heldBy({ id, fence }: Lease): Pick<TaskEnd, "id" | "fence"> {
  return { id, fence };
}

function told(
  { dispatchers }: TaskEndDeps,
  claimed: ClaimedTask,
  kind: DeliveryKind,
  content: JsonValue,
): Pick<TaskEnd, "content" | "delivery"> {
  if (claimed.task.dispatch_type === "none") return { content };
  return { content, delivery: deliveryOfTask(dispatchers, claimed, kind) };
}

/** The delivery that a task makes, without what it carries. */
export function deliveryOfTask(
  dispatchers: DispatcherRegistry,
  { task, target }: ClaimedTask,
  kind: DeliveryKind,
): Record<string, unknown> {
  const { dispatch_type: type, bot_id: botId, origin, dispatch_config: config } = task;
  return newDelivery(dispatchers, {
    kind,
    dispatch_type: type,
    target: config ?? {},
    target_checked: target.isChecked,
    order_key: target.orderKey,
    policy: "task_result",
    bot_id: botId,
    origin,
    ...(task.trace_context && { trace_context: task.trace_context }),
  });
}

/** Whoever was told to come back later was told so for all that it does there. */
function holding({ isLimited }: ClaimedTask, { retryAfterMs }: TaskFailure): Pick<TaskEnd, "hold_ms"> {
  return isLimited && retryAfterMs > 0 ? { hold_ms: Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS) } : {};
}

function delayAfter(
  failure: TaskFailure,
  attempt: number,
  backoff: RetryPolicy,
  random: () => number,
): number {
  if (failure.failureCode === "lease_lost") return 0;
  return retryDelayMs(backoff, attempt, random, failure.retryAfterMs);
}

/** An end in the form that the function `settle_1` takes. */
export function endAsRow({ end, lane }: EndedTask): Record<string, unknown> {
  const { id, fence, state, content, tasks, ...rest } = end;
  const row = lane === null ? { id, fence, state, content } : { id, fence, state, lane, content };
  const more = tasks === undefined ? rest : { ...rest, tasks: tasks.map(rowOf) };
  return Object.keys(more).length === 0 ? row : { ...row, more };
}
