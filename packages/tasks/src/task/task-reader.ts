import type { SelectQueryBuilder } from "kysely";
import type { Page } from "../store/page.ts";
import { decodeCursor, encodeCursor, pageLimit } from "../store/page.ts";
import type { TasksDb } from "../store/store.ts";
import type { TasksTables } from "../store/tables.ts";
import type { Task, TaskFilter } from "./task.ts";

type TaskRow = Task & { readonly seq: number };

/** One task by id or by idempotency key, null when there is none. `db` may be a transaction. */
export async function readTask(
  db: TasksDb,
  key: string | { readonly idempotencyKey: string },
): Promise<Task | null> {
  const query =
    typeof key === "string"
      ? selectTasks(db).where("task.id", "=", key)
      : selectTasks(db).where("task.idempotency_key", "=", key.idempotencyKey);
  const row = await query.executeTakeFirst();
  return row === undefined ? null : toTask(row);
}

/** Tasks by id, in no order. */
export async function readTasks(db: TasksDb, ids: readonly string[]): Promise<readonly Task[]> {
  if (ids.length === 0) return [];
  const rows = await selectTasks(db).where("task.id", "in", ids).execute();
  return rows.map(toTask);
}

/** @throws TasksError CURSOR_INVALID */
export async function listTasks(db: TasksDb, filter: TaskFilter): Promise<Page<Task>> {
  const limit = pageLimit(filter.limit);
  let query = selectTasks(db)
    .orderBy("task.seq", "desc")
    .limit(limit + 1);
  if (filter.state !== undefined) query = query.where("task.state", "=", filter.state);
  if (filter.cursor !== undefined) query = query.where("task.seq", "<", decodeCursor(filter.cursor));
  const rows = await query.execute();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toTask),
    next_cursor: rows.length > limit && last !== undefined ? encodeCursor(last.seq) : null,
  };
}

function selectTasks(db: TasksDb): SelectQueryBuilder<TasksTables, "task" | "task_body" | "body", TaskRow> {
  return db
    .selectFrom("task")
    .innerJoin("task_body", "task_body.task_id", "task.id")
    .leftJoin("body", "body.id", "task_body.result_id")
    .select([
      "task.seq",
      "task.id",
      "task.type",
      "task.queue",
      "task.lane",
      "task.reason",
      "task.state",
      "task.failure_code",
      "task.title",
      "task_body.prompt",
      "task_body.payload",
      "task.bot_id",
      "task.session_id",
      "task.channel_id",
      "task.parent_task_id",
      "task.correlation_id",
      "task.dispatch_type",
      "task_body.dispatch_config",
      "task_body.callback_config",
      "task_body.execution_config",
      "task_body.origin",
      "task.priority",
      "task.attempt",
      "task.max_attempts",
      "task.max_run_seconds",
      "task.idempotency_key",
      "body.content as result",
      "task_body.errors",
      "task.created_at",
      "task.scheduled_at",
      "task.run_at",
      "task.started_at",
      "task.finished_at",
    ]) as SelectQueryBuilder<TasksTables, "task" | "task_body" | "body", TaskRow>;
}

function toTask({ seq: _seq, ...task }: TaskRow): Task {
  return task;
}
