import { sql } from "kysely";
import type { Page } from "../store/page.ts";
import { decodeCursor, pageLimit, pageOf } from "../store/page.ts";
import type { SqlRunner } from "../store/sql-runner.ts";
import type { Store, TasksDb } from "../store/store.ts";
import type { TaskLogLine, TaskNotes } from "../watch/task-event.ts";
import type { Task, TaskFilter, TaskSummary } from "./task.ts";

const narrow = [
  "task.id",
  "task.type",
  "task.queue",
  "task.lane",
  "task.limit_key",
  "task.reason",
  "task.state",
  "task.failure_code",
  "task.title",
  "task.bot_id",
  "task.session_id",
  "task.channel_id",
  "task.parent_task_id",
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
  "task_body.trace_context",
  "task_body.errors",
  "body.content as result",
] as const;

const correlationId = sql<string>`coalesce(task.correlation_id, task.id::text)`.as("correlation_id");

const PROMPT_START = 200;

const log = sql<readonly TaskLogLine[]>`coalesce(task_body.log, '[]')`.as("log");

/** One task with what it has said, null when there is none. `db` may be a transaction. */
export async function readTask(db: TasksDb, id: string): Promise<(Task & TaskNotes) | null> {
  const query = wholeTasks(db).select(["task_body.progress", log]);
  return (await query.where("task.id", "=", id).executeTakeFirst()) ?? null;
}

/** Tasks by id, read through a connection that may belong to anybody: as text, whatever it makes of columns. */
export async function readTasksWith(
  { db }: Store,
  run: SqlRunner,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Task>> {
  if (ids.length === 0) return new Map();
  const query = wholeTasks(db).where("task.id", "in", ids).compile();
  const text = `select to_json(t)::text as task from (${query.sql}) t`;
  const rows = await run<{ task: string }>(text, query.parameters);
  const tasks = rows.map(({ task }) => withMoments(JSON.parse(task) as Task));
  return new Map(tasks.map((task) => [task.id, task]));
}

function withMoments(task: Task): Task {
  const { created_at, scheduled_at, run_at, started_at, finished_at } = task;
  return {
    ...task,
    created_at: new Date(created_at),
    scheduled_at: scheduled_at && new Date(scheduled_at),
    run_at: new Date(run_at),
    started_at: started_at && new Date(started_at),
    finished_at: finished_at && new Date(finished_at),
  };
}

/** @throws TasksError CURSOR_INVALID */
export async function listTasks(db: TasksDb, filter: TaskFilter): Promise<Page<TaskSummary>> {
  const limit = pageLimit(filter.limit);
  let query = db
    .selectFrom("task")
    .innerJoin("task_body", "task_body.task_id", "task.id")
    .select([
      ...narrow,
      correlationId,
      sql<string | null>`left(task_body.prompt, ${PROMPT_START})`.as("prompt"),
    ])
    .orderBy("task.id", "desc")
    .limit(limit + 1);
  if (filter.state !== undefined) query = query.where("task.state", "=", filter.state);
  if (filter.cursor !== undefined) query = query.where("task.id", "<", decodeCursor("task", filter.cursor));
  return pageOf("task", await query.execute(), limit, ({ id }) => id);
}

function wholeTasks(db: TasksDb) {
  return db
    .selectFrom("task")
    .innerJoin("task_body", "task_body.task_id", "task.id")
    .leftJoin("body", (join) =>
      join.onRef("body.id", "=", "task.result_id").on("task.state", "=", "complete"),
    )
    .select([...narrow, ...bodies, correlationId]);
}
