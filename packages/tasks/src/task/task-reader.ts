import { sql } from "kysely";
import type { Page } from "../store/page.ts";
import { decodeCursor, pageLimit, pageOf } from "../store/page.ts";
import type { TasksDb } from "../store/store.ts";
import type { Task, TaskFilter, TaskSummary } from "./task.ts";

const narrow = [
  "task.id",
  "task.type",
  "task.queue",
  "task.lane",
  "task.reason",
  "task.state",
  "task.failure_code",
  "task.title",
  "task.bot_id",
  "task.session_id",
  "task.channel_id",
  "task.parent_task_id",
  "task.correlation_id",
  "task.dispatch_type",
  "task.priority",
  "task.attempt",
  "task.max_attempts",
  "task.max_run_seconds",
  "task.idempotency_key",
  "task.created_at",
  "task.scheduled_at",
  "task.run_at",
  "task.started_at",
  "task.finished_at",
] as const;

const bodies = [
  "task_body.prompt",
  "task_body.payload",
  "task_body.dispatch_config",
  "task_body.callback_config",
  "task_body.execution_config",
  "task_body.origin",
  "task_body.errors",
  "body.content as result",
] as const;

const PROMPT_START = 200;

/** One task by id or by idempotency key, null when there is none. `db` may be a transaction. */
export async function readTask(
  db: TasksDb,
  key: string | { readonly idempotencyKey: string },
): Promise<Task | null> {
  const row =
    typeof key === "string"
      ? await wholeTasks(db).where("task.id", "=", key).executeTakeFirst()
      : await wholeTasks(db).where("task.idempotency_key", "=", key.idempotencyKey).executeTakeFirst();
  return row ?? null;
}

/** Tasks by id, in no order. */
export async function readTasks(db: TasksDb, ids: readonly string[]): Promise<readonly Task[]> {
  return ids.length === 0 ? [] : wholeTasks(db).where("task.id", "in", ids).execute();
}

/** @throws TasksError CURSOR_INVALID */
export async function listTasks(db: TasksDb, filter: TaskFilter): Promise<Page<TaskSummary>> {
  const limit = pageLimit(filter.limit);
  let query = db
    .selectFrom("task")
    .innerJoin("task_body", "task_body.task_id", "task.id")
    .select([...narrow, "task.seq", sql<string | null>`left(task_body.prompt, ${PROMPT_START})`.as("prompt")])
    .orderBy("task.seq", "desc")
    .limit(limit + 1);
  if (filter.state !== undefined) query = query.where("task.state", "=", filter.state);
  if (filter.cursor !== undefined) query = query.where("task.seq", "<", decodeCursor("task", filter.cursor));
  return pageOf("task", await query.execute(), limit);
}

function wholeTasks(db: TasksDb) {
  return db
    .selectFrom("task")
    .innerJoin("task_body", "task_body.task_id", "task.id")
    .leftJoin("body", "body.id", "task_body.result_id")
    .select([...narrow, ...bodies]);
}
