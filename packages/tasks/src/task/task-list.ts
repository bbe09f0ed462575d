import { sql } from "kysely";
import type { Page } from "../store/page.ts";
import { decodeCursor, encodeCursor, pageLimit, pageOf } from "../store/page.ts";
import type { TasksDb } from "../store/store.ts";
import { FIRST_ID, isUuid } from "../store/uuid.ts";
import type { TaskFilter, TaskSummary } from "./task.ts";
import { correlationId, narrow, rootId } from "./task-reader.ts";

/** How many tasks a page looks through at most: about a tenth of a second. */
const SCAN = 50_000;
const PROMPT_START = 200;

/**
 * Tasks, the newest first. An index finds those of a session or a family, those that failed or were cancelled, and those of a time;
 * by other fields a page looks through the next `scan` of them.
 * @throws TasksError CURSOR_INVALID
 */
export async function listTasks(
  db: TasksDb,
  filter: TaskFilter,
  scan: number = SCAN,
): Promise<Page<TaskSummary>> {
  const limit = pageLimit(filter.limit);
  const rows = await summaries(db, filter, scan, limit + 1);
  const page = pageOf("task", rows, limit, ({ id }) => id);
  if (page.next_cursor !== null) return page;
  const last = await scanned(db, filter)
    .offset(scan - 1)
    .limit(1)
    .executeTakeFirst();
  return last === undefined ? page : { ...page, next_cursor: encodeCursor("task", last.id) };
}

function summaries(db: TasksDb, filter: TaskFilter, scan: number, limit: number): Promise<TaskSummary[]> {
  const conditions = Object.entries({
    "task.state": filter.state,
    "task.type": filter.type,
    "task.queue": filter.queue,
    "task.lane": filter.lane,
    "task.reason": filter.reason,
    "task.failure_code": filter.failure_code,
  }).filter(([, value]) => value !== undefined);
  return db
    .selectFrom(scanned(db, filter).limit(scan).as("scanned"))
    .innerJoin("task", "task.id", "scanned.id")
    .innerJoin("task_body", "task_body.task_id", "task.id")
    .select([
      ...narrow,
      correlationId,
      rootId,
      sql<string | null>`left(task_body.prompt, ${PROMPT_START})`.as("prompt"),
    ])
    .where((eb) => eb.and(conditions.map(([column, value]) => eb(sql.ref(column), "=", value))))
    .orderBy("task.id", "desc")
    .limit(limit)
    .execute();
}

/** The ids that an index gives, from the newest on. */
function scanned(db: TasksDb, filter: TaskFilter) {
  const { session_id, parent_task_id, root_task_id } = filter;
  const { failure_code, created_after, created_before, cursor } = filter;
  const state = filter.state ?? (failure_code === undefined ? undefined : "failed");
  let query = db.selectFrom("task as t").select("t.id").orderBy("t.id", "desc");
  if (session_id !== undefined) query = query.where("t.session_id", "=", session_id);
  if (parent_task_id !== undefined) query = query.where("t.parent_task_id", "=", idOrNobodys(parent_task_id));
  if (root_task_id !== undefined) query = query.where("t.root_task_id", "=", idOrNobodys(root_task_id));
  if (state === "failed" || state === "cancelled") query = query.where("t.state", "=", state);
  if (created_after !== undefined) query = query.where("t.id", ">=", firstIdOf(created_after));
  if (created_before !== undefined) query = query.where("t.id", "<", firstIdOf(created_before));
  if (cursor !== undefined) query = query.where("t.id", "<", decodeCursor("task", cursor));
  return query;
}

function idOrNobodys(id: string): string {
  return isUuid(id) ? id : FIRST_ID;
}

/** Ids begin with the 48 bits of their milliseconds. */
function firstIdOf(date: Date): string {
  const ms = Math.min(Math.max(date.getTime(), 0), 2 ** 48 - 1);
  const hex = ms.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
