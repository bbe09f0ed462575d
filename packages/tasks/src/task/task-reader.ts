import type { AliasedRawBuilder } from "kysely";
import { sql } from "kysely";
import type { SqlRunner } from "../store/sql-runner.ts";
import type { Store, TasksDb } from "../store/store.ts";
import type { Task } from "./task.ts";
import type { TaskLogLine, TaskNotes } from "../watch/task-event.ts";

/** The columns of a task that are never long. */
export const narrow = [
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
  "task.depth",
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

export const correlationId: AliasedRawBuilder<string, "correlation_id"> =
  sql<string>`coalesce(task.correlation_id, task.id::text)`.as("correlation_id");

export const rootId: AliasedRawBuilder<string, "root_task_id"> =
  sql<string>`coalesce(task.root_task_id, task.id)`.as("root_task_id");

const log = sql<readonly TaskLogLine[]>`coalesce(task_body.log, '[]')`.as("log");

/** One task with what it has said, null when there is none. `db` may be a transaction. */
export async function readTask(db: TasksDb, id: string): Promise<(Task & TaskNotes) | null> {
  const query = wholeTasks(db).select(["task_body.progress", log]);
  return (await query.where("task.id", "=", id).executeTakeFirst()) ?? null;
}

/** The children of a task, oldest first. */
export async function readChildren(db: TasksDb, parentId: string): Promise<readonly Task[]> {
  return wholeTasks(db).where("task.parent_task_id", "=", parentId).orderBy("task.seq").execute();
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

function wholeTasks(db: TasksDb) {
  return db
    .selectFrom("task")
    .innerJoin("task_body", "task_body.task_id", "task.id")
    .leftJoin("body", (join) =>
      join.onRef("body.id", "=", "task.result_id").on("task.state", "=", "complete"),
    )
    .select([...narrow, ...bodies, correlationId, rootId]);
}
