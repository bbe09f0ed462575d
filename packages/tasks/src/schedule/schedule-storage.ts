import type { Page } from "../store/page.ts";
import { decodeCursor, pageLimit, pageOf } from "../store/page.ts";
import type { SqlRunner } from "../store/sql-runner.ts";
import type { Store } from "../store/store.ts";
import type { Schedule, ScheduleFilter, ScheduleRow } from "./schedule.ts";

/** What can be set; the rest is counted. */
type NewSchedule = Omit<
  ScheduleRow,
  "last_at" | "last_task_id" | "run_count" | "failed_count" | "last_error"
>;

const given = `json_to_record($1::text::json) as g(id uuid, name text, every text, cron text, timezone text,
  starts_at timestamptz, ends_at timestamptz, anchor_at timestamptz, missed text, max_missed integer, task jsonb,
  next_at timestamptz, paused_at timestamptz, created_at timestamptz)`;

const settable =
  "name, every, cron, timezone, starts_at, ends_at, anchor_at, missed, max_missed, task, next_at, paused_at";

/** Now, by the clock that schedules go by. */
export async function scheduleNow(store: Store, run: SqlRunner): Promise<Date> {
  const [row] = await run<{ now: string }>(
    `select to_json(${store.name("schedule_now_1")}()) #>> '{}' as now`,
    [],
  );
  return new Date(row?.now ?? Number.NaN);
}

/** Null when somebody else has its name. */
export async function insertSchedule(
  store: Store,
  run: SqlRunner,
  schedule: NewSchedule,
): Promise<ScheduleRow | null> {
  const text = `insert into ${store.name("schedule")} as s (id, created_at, ${settable})
    select id, created_at, ${settable} from ${given}
    on conflict (name) do nothing returning to_json(s)::text as schedule`;
  return rowOf(await run<ScheduleText>(text, [JSON.stringify(schedule)]));
}

/** Writes all that can be set. */
export async function writeSchedule(
  store: Store,
  run: SqlRunner,
  schedule: ScheduleRow,
): Promise<ScheduleRow | null> {
  const text = `update ${store.name("schedule")} s set (${settable}) = (g.${settable.replaceAll(", ", ", g.")})
    from ${given} where s.id = g.id returning to_json(s)::text as schedule`;
  return rowOf(await run<ScheduleText>(text, [JSON.stringify(schedule)]));
}

/** Locked, it is the caller's until the end of the transaction. */
export async function readSchedule(
  store: Store,
  run: SqlRunner,
  which: { readonly id: string } | { readonly name: string },
  locked: "locked" | "as it is" = "as it is",
): Promise<ScheduleRow | null> {
  const [condition, value] = "id" in which ? ["s.id = $1::uuid", which.id] : ["s.name = $1", which.name];
  const text = `select to_json(s)::text as schedule from ${store.name("schedule")} s
    where ${condition}${locked === "locked" ? " for update" : ""}`;
  return rowOf(await run<ScheduleText>(text, [value]));
}

/** One that is due and that nobody else has locked, from now on the caller's. */
export async function lockDueSchedule(
  store: Store,
  run: SqlRunner,
  butNot: readonly string[],
): Promise<{ readonly row: ScheduleRow; readonly next_at: Date; readonly now: Date } | null> {
  const text = `select to_json(looked_at) #>> '{}' as now, schedule::text as schedule
    from ${store.name("lock_due_schedule_1")}($1::text[]::uuid[])`;
  const [found] = await run<ScheduleText & { readonly now: string }>(text, [butNot]);
  if (found === undefined) return null;
  const row = revived(found);
  return row.next_at && { row, next_at: row.next_at, now: new Date(found.now) };
}

/** How many milliseconds it is until the next one is due, less than 0 when one is; null when none comes. */
export async function nextScheduleInMs(store: Store): Promise<number | null> {
  const [row] = await store.run<{ ms: number | null }>(
    `select ${store.name("wait_for_schedule_1")}() as ms`,
    [],
  );
  return row?.ms ?? null;
}

/** Writes what a firing changes. */
export async function recordFiring(
  store: Store,
  run: SqlRunner,
  { id, next_at, last_at, last_task_id, run_count, failed_count, last_error }: ScheduleRow,
): Promise<void> {
  const text = `update ${store.name("schedule")} set next_at = $2::timestamptz, last_at = $3::timestamptz,
    last_task_id = $4::uuid, run_count = $5::bigint, failed_count = $6::bigint, last_error = $7 where id = $1::uuid`;
  const moments = [next_at, last_at].map((moment) => moment?.toISOString() ?? null);
  await run(text, [id, ...moments, last_task_id, run_count, failed_count, last_error]);
}

/** Newest first. @throws TasksError CURSOR_INVALID */
export async function listSchedules(store: Store, filter: ScheduleFilter): Promise<Page<Schedule>> {
  const limit = pageLimit(filter.limit);
  const before = filter.cursor === undefined ? null : decodeCursor("schedule", filter.cursor);
  const text = `select to_json(s)::text as schedule from ${store.name("schedule")} s
    where $1::text is null or s.id < $1::text::uuid order by s.id desc limit ${limit + 1}`;
  const rows = await store.run<ScheduleText>(text, [before]);
  return pageOf("schedule", rows.map(revived).map(scheduleOf), limit, ({ id }) => id);
}

export async function deleteSchedule(store: Store, id: string): Promise<boolean> {
  const gone = await store.db.deleteFrom("schedule").where("id", "=", id).returning("id").executeTakeFirst();
  return gone !== undefined;
}

/** What callers get to see. */
export function scheduleOf({ anchor_at: _anchor, ...schedule }: ScheduleRow): Schedule {
  return schedule;
}

/** One as its text, which is the same through every connection. */
interface ScheduleText {
  readonly schedule: string;
}

function revived({ schedule: text }: ScheduleText): ScheduleRow {
  const row = JSON.parse(text) as ScheduleRow;
  return {
    ...row,
    starts_at: row.starts_at && new Date(row.starts_at),
    ends_at: row.ends_at && new Date(row.ends_at),
    anchor_at: new Date(row.anchor_at),
    next_at: row.next_at && new Date(row.next_at),
    last_at: row.last_at && new Date(row.last_at),
    paused_at: row.paused_at && new Date(row.paused_at),
    created_at: new Date(row.created_at),
  };
}

function rowOf([row]: readonly ScheduleText[]): ScheduleRow | null {
  return row === undefined ? null : revived(row);
}
