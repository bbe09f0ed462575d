import type { DeliveryKind, DispatcherRegistry, JsonValue } from "@core/registry";
import type { Selectable } from "kysely";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Lease } from "../lease/lease.ts";
import { heldUnder } from "../lease/lease.ts";
import { queueDelivery } from "../delivery/outbox.ts";
import { retryDelayMs, taskRetryPolicy } from "../retry-policy.ts";
import { storable } from "../store/storable-text.ts";
import type { Store, TasksTrx } from "../store/store.ts";
import { json, nowPlus } from "../store/store.ts";
import type { TaskBodyTable, TaskTable } from "../store/tables.ts";
import type { FailureCode, TaskError } from "./task.ts";
import type { TaskFailure } from "./task-failure.ts";

/** What the end of a run needs beside the database. */
export interface SettlementDeps {
  readonly store: Store;
  readonly dispatchers: DispatcherRegistry;
  readonly random: () => number;
}

/** How a task stands after a run; null: the lease was lost and nothing was written. */
export type Settled = "complete" | "failed" | "pending" | null;

type SettledTask = Selectable<TaskTable> &
  Pick<Selectable<TaskBodyTable>, "dispatch_config" | "target_checked" | "order_key" | "origin">;

/** Stores a result with its delivery in one transaction. */
export async function completeTask(deps: SettlementDeps, lease: Lease, result: JsonValue): Promise<Settled> {
  return deps.store.transaction(async (trx) => {
    const task = await endRun(deps.store, trx, lease, { state: "complete", failureCode: null });
    if (task === null) return null;
    const bodyId = await insertBody(trx, result);
    await trx.updateTable("task_body").set({ result_id: bodyId }).where("task_id", "=", task.id).execute();
    await dispatch(deps, trx, task, "task_result", bodyId);
    return "complete";
  });
}

/** Sends a failed run back to the queue, or ends its task with an error delivery, in one transaction. */
export async function failTask(deps: SettlementDeps, lease: Lease, failure: TaskFailure): Promise<Settled> {
  return deps.store.transaction((trx) => failTaskIn(deps, trx, lease, failure));
}

/** The same within a transaction that is under way. */
export async function failTaskIn(
  deps: SettlementDeps,
  trx: TasksTrx,
  lease: Lease,
  failure: TaskFailure,
): Promise<Settled> {
  const current = await lockRunning(trx, lease);
  if (current === null) return null;
  const again = failure.retry && current.attempt < current.max_attempts;
  const delayMs = again ? delayAfter(failure, current.attempt, deps.random) : 0;
  const task = await endRun(
    deps.store,
    trx,
    lease,
    again ? { state: "pending", delayMs } : { state: "failed", failureCode: failure.failureCode },
  );
  if (task === null) return null;
  await appendError(trx, task, failure);
  if (again) return "pending";
  const bodyId = await insertBody(trx, { code: failure.failureCode, message: failure.message });
  await dispatch(deps, trx, task, "task_error", bodyId);
  return "failed";
}

/** Gives a task back on a clean stop: it runs again at once, and the run does not count. */
export async function releaseTask(store: Store, lease: Lease): Promise<boolean> {
  const row = await store.db
    .updateTable("task")
    .set((eb) => ({
      state: "pending",
      attempt: eb("attempt", "-", 1),
      worker_id: null,
      worker_epoch: null,
      run_at: sql<Date>`clock_timestamp()`,
    }))
    .where(heldUnder(lease, "running"))
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

type RunEnd =
  | { readonly state: "complete" | "failed"; readonly failureCode: FailureCode | null }
  | { readonly state: "pending"; readonly delayMs: number };

async function endRun(store: Store, trx: TasksTrx, lease: Lease, end: RunEnd): Promise<SettledTask | null> {
  const changes =
    end.state === "pending"
      ? { state: end.state, run_at: nowPlus(end.delayMs) }
      : { state: end.state, failure_code: end.failureCode, finished_at: sql<Date>`clock_timestamp()` };
  const row = await trx
    .updateTable("task")
    .set({ ...changes, worker_id: null, worker_epoch: null })
    .where(heldUnder(lease, "running"))
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return null;
  const body = await trx
    .selectFrom("task_body")
    .select(["dispatch_config", "target_checked", "order_key", "origin"])
    .where("task_id", "=", row.id)
    .executeTakeFirstOrThrow();
  return { ...row, ...body };
}

async function lockRunning(
  trx: TasksTrx,
  lease: Lease,
): Promise<Pick<Selectable<TaskTable>, "attempt" | "max_attempts"> | null> {
  const row = await trx
    .selectFrom("task")
    .select(["attempt", "max_attempts"])
    .where(heldUnder(lease, "running"))
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

function delayAfter(failure: TaskFailure, attempt: number, random: () => number): number {
  if (failure.failureCode === "lease_lost") return 0;
  return retryDelayMs(taskRetryPolicy, attempt, random, failure.retryAfterMs);
}

async function insertBody(trx: TasksTrx, content: JsonValue): Promise<string> {
  const id = uuidv7();
  const text = JSON.stringify(storable(content));
  await trx
    .insertInto("body")
    .values({ id, content: sql<JsonValue>`${text}::text::jsonb` })
    .execute();
  return id;
}

async function appendError(trx: TasksTrx, task: SettledTask, failure: TaskFailure): Promise<void> {
  const { code, message } = storable({ code: failure.code, message: failure.message });
  const entry: TaskError = { attempt: task.attempt, at: new Date().toISOString(), code, message };
  await trx
    .updateTable("task_body")
    .set({ errors: sql`errors || ${json([entry])}` })
    .where("task_id", "=", task.id)
    .execute();
}

async function dispatch(
  deps: SettlementDeps,
  trx: TasksTrx,
  task: SettledTask,
  kind: DeliveryKind,
  payloadId: string,
): Promise<void> {
  if (task.dispatch_type === "none") return;
  await queueDelivery(deps.store, trx, deps.dispatchers, {
    kind,
    source_id: task.id,
    task_id: task.id,
    dispatch_type: task.dispatch_type,
    target: task.dispatch_config ?? {},
    target_checked: task.target_checked,
    order_key: task.order_key,
    policy: "task_result",
    payload_id: payloadId,
    bot_id: task.bot_id,
    origin: task.origin,
  });
}
