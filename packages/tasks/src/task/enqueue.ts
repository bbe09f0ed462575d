import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { jsonDigest } from "../store/canonical-json.ts";
import type { DispatchPlan } from "./dispatch-plan.ts";
import { TasksError } from "../errors.ts";
import type { TasksTrx } from "../store/store.ts";
import { json } from "../store/store.ts";
import type { EnqueueReceipt, TaskInput } from "./task.ts";
import type { TaskTypeOptions } from "./task-type.ts";
import { AGENT_TYPE } from "./task-type.ts";
import { readTask } from "./task-reader.ts";

/**
 * Stores a checked task within a transaction.
 * @throws TasksError TASK_IDEMPOTENCY_CONFLICT when the key belongs to a task with other fields
 */
export async function insertTask(
  trx: TasksTrx,
  input: TaskInput,
  plan: DispatchPlan,
  settings: Required<TaskTypeOptions>,
): Promise<EnqueueReceipt> {
  const id = uuidv7();
  const digest = inputDigest(input);
  if (input.lane !== undefined) await holdLane(trx, input.lane);
  const inserted = await insertHotRow(trx, id, input, plan, settings);
  if (inserted) await insertBody(trx, id, input, plan, digest);
  const task = await readTask(trx, inserted ? id : { idempotencyKey: input.idempotency_key ?? "" });
  if (task === null) throw new Error(`Task ${id} is gone within its own transaction.`);
  if (!inserted) await assertSameInput(trx, task.id, input, digest);
  return { task, created: inserted };
}

/** Makes commits of one lane happen in the order of their numbers, so that the order of the lane is strict. */
async function holdLane(trx: TasksTrx, lane: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`lane:${lane}`}, 0))`.execute(trx);
}

async function insertHotRow(
  trx: TasksTrx,
  id: string,
  input: TaskInput,
  plan: DispatchPlan,
  settings: Required<TaskTypeOptions>,
): Promise<boolean> {
  const row = await trx
    .insertInto("task")
    .values({
      id,
      type: input.type ?? AGENT_TYPE,
      queue: input.queue ?? "default",
      lane: input.lane ?? null,
      reason: input.reason ?? "api",
      state: "pending",
      title: input.title ?? null,
      bot_id: input.bot_id ?? null,
      session_id: input.session_id ?? null,
      channel_id: input.channel_id ?? null,
      parent_task_id: input.parent_task_id ?? null,
      correlation_id: input.correlation_id ?? id,
      dispatch_type: plan.dispatch_type,
      priority: input.priority ?? 0,
      attempt: 0,
      max_attempts: input.max_attempts ?? settings.maxAttempts,
      max_run_seconds: input.max_run_seconds ?? settings.maxRunSeconds,
      idempotency_key: input.idempotency_key ?? null,
      fence: 0,
      scheduled_at: input.scheduled_at ?? null,
      run_at: input.scheduled_at ?? sql<Date>`now()`,
    })
    .onConflict((conflict) => conflict.column("idempotency_key").doNothing())
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

async function insertBody(
  trx: TasksTrx,
  id: string,
  input: TaskInput,
  plan: DispatchPlan,
  digest: string,
): Promise<void> {
  await trx
    .insertInto("task_body")
    .values({
      task_id: id,
      prompt: input.prompt ?? null,
      payload: json(input.payload ?? null),
      dispatch_config: json(plan.dispatch_config),
      target_checked: plan.target_checked,
      order_key: plan.order_key,
      callback_config: json(input.callback_config ?? null),
      execution_config: json(input.execution_config ?? null),
      origin: json(input.origin ?? null),
      input_digest: digest,
    })
    .execute();
}

async function assertSameInput(trx: TasksTrx, id: string, input: TaskInput, digest: string): Promise<void> {
  const { input_digest: stored } = await trx
    .selectFrom("task_body")
    .select("input_digest")
    .where("task_id", "=", id)
    .executeTakeFirstOrThrow();
  if (stored === digest) return;
  throw new TasksError({
    code: "TASK_IDEMPOTENCY_CONFLICT",
    message: `The idempotency_key "${input.idempotency_key}" belongs to task ${id}, which was made with other fields. Use a new key, or send the same fields again.`,
    details: {
      issues: [{ field: "idempotency_key", message: `Belongs to task ${id}, which has other fields.` }],
    },
  });
}

function inputDigest(input: TaskInput): string {
  const { idempotency_key: _key, ...fields } = input;
  return jsonDigest(fields);
}
