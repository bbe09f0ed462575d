import type { JsonValue } from "@core/registry";
import { jsonDigest } from "../store/canonical-json.ts";
import type { DispatchPlan } from "./dispatch-plan.ts";
import type { Task, TaskInput } from "./task.ts";
import { AGENT_TYPE } from "./task-type.ts";

/** A checked task that is to be stored. */
export interface NewTask {
  readonly id: string;
  readonly input: TaskInput;
  readonly type: string;
  readonly queue: string;
  readonly plan: DispatchPlan;
  /** May differ from what the maker asked for: a child in its parent's lane gets one beside it. */
  readonly lane: string | null;
  /** Of a child: where it stands in its family. */
  readonly family?: { readonly root: string; readonly depth: number };
  readonly maxAttempts: number;
  readonly maxRunSeconds: number;
}

export function newTask(
  input: TaskInput,
  settings: Pick<NewTask, "id" | "plan" | "maxAttempts" | "maxRunSeconds">,
): NewTask {
  const { type = AGENT_TYPE, queue = "default", lane = null } = input;
  return { input, type, queue, lane, ...settings };
}

/** What the database says of new tasks. */
export interface StoredTasks {
  readonly at: Date;
  /** Those that are cancelled because a limit is full. */
  readonly skipped: readonly string[];
}

/** True when it must be told apart from others while it is stored. */
export function isKeyed({ input }: NewTask): boolean {
  return input.idempotency_key !== undefined || input.dedupe !== undefined;
}

/** The task as the functions of the schema take it; absent fields are null there. */
export function rowOf(task: NewTask, place: number): Record<string, unknown> {
  const { id, input, type, queue, plan, lane, maxAttempts, maxRunSeconds } = task;
  const { reason = "api", priority = 0, dedupe } = input;
  const more = given(moreOf(task));
  return {
    place,
    id,
    type,
    queue,
    lane: lane ?? undefined,
    limit_key: input.limit_key,
    reason,
    dispatch_type: plan.dispatch_type,
    priority,
    max_attempts: maxAttempts,
    max_run_seconds: maxRunSeconds,
    idempotency_key: input.idempotency_key,
    scheduled_at: input.scheduled_at,
    delay_ms: input.delay_ms,
    payload: input.payload,
    ...(more && { more }),
    ...(dedupe && {
      // A type may hold the separator too.
      dedupe_key: `${type.length}:${type}:${dedupe.key}`,
      on_conflict: dedupe.on_conflict ?? "skip",
      window_ms: dedupe.window_seconds === undefined ? undefined : dedupe.window_seconds * 1_000,
    }),
  };
}

/** What most tasks do not have. */
function moreOf({ input, plan, family }: NewTask): Record<string, unknown> {
  return {
    title: input.title,
    bot_id: input.bot_id,
    session_id: input.session_id,
    channel_id: input.channel_id,
    parent_task_id: input.parent_task_id,
    root_task_id: family?.root,
    depth: family?.depth,
    correlation_id: input.correlation_id,
    prompt: input.prompt,
    dispatch_config: plan.dispatch_config,
    target_unchecked: plan.target_checked ? undefined : true,
    order_key: plan.order_key,
    callback_config: input.callback_config,
    execution_config: input.execution_config,
    origin: input.origin,
    trace_context: input.trace_context,
    input_digest: input.idempotency_key === undefined ? undefined : inputDigest(input),
  };
}

function given(fields: Record<string, unknown>): Record<string, unknown> | undefined {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** What the input says, but for its idempotency key and its trace, which is another one when it is sent again. */
export function inputDigest(input: TaskInput): string {
  const { idempotency_key: _key, trace_context: _trace, ...fields } = input;
  return jsonDigest(fields);
}

/** The task as it is read right after it was stored at `at`. */
export function storedTask(task: NewTask, at: Date): Task {
  const { id, input, type, queue, plan, lane, maxAttempts, maxRunSeconds } = task;
  const planned = input.scheduled_at ?? (input.delay_ms ? new Date(at.getTime() + input.delay_ms) : null);
  return {
    id,
    type,
    queue,
    lane,
    limit_key: input.limit_key ?? null,
    reason: input.reason ?? "api",
    state: "pending",
    failure_code: null,
    title: input.title ?? null,
    prompt: input.prompt ?? null,
    payload: asJson(input.payload ?? null),
    bot_id: input.bot_id ?? null,
    session_id: input.session_id ?? null,
    channel_id: input.channel_id ?? null,
    parent_task_id: input.parent_task_id?.toLowerCase() ?? null,
    root_task_id: task.family?.root ?? id,
    depth: task.family?.depth ?? 0,
    correlation_id: input.correlation_id ?? id,
    dispatch_type: plan.dispatch_type,
    dispatch_config: asJson(plan.dispatch_config),
    callback_config: asJson(input.callback_config ?? null),
    execution_config: asJson(input.execution_config ?? null),
    origin: asJson(input.origin ?? null),
    trace_context: input.trace_context ?? null,
    priority: input.priority ?? 0,
    attempt: 0,
    max_attempts: maxAttempts,
    max_run_seconds: maxRunSeconds,
    idempotency_key: input.idempotency_key ?? null,
    result: null,
    errors: [],
    created_at: at,
    scheduled_at: planned,
    run_at: planned ?? at,
    started_at: null,
    finished_at: null,
  };
}

/** What is left of a value once it has been JSON; the caller's own object stays apart from the task. */
function asJson<Value extends JsonValue | object | null>(value: Value): Value {
  return value === null ? value : (JSON.parse(JSON.stringify(value) ?? "null") as Value);
}
