import type { SchemaNames } from "./names.ts";

/** The table of schedules; one that has no `next_at` is paused or has come to its end. */
export function scheduleTables(name: SchemaNames): readonly string[] {
  const schedule = name("schedule");
  return [
    `create table ${schedule} (
      id uuid primary key,
      name text unique,
      every text,
      cron text,
      timezone text,
      starts_at timestamptz,
      ends_at timestamptz,
      anchor_at timestamptz not null,
      missed text not null check (missed in ('skip', 'run_once', 'run_all')),
      max_missed integer not null check (max_missed > 0),
      task jsonb not null,
      next_at timestamptz,
      last_at timestamptz,
      last_task_id uuid,
      run_count bigint not null default 0,
      failed_count bigint not null default 0,
      last_error text,
      paused_at timestamptz,
      created_at timestamptz not null,
      check ((every is null) <> (cron is null)),
      check (paused_at is null or next_at is null)
    )`,
    `create index schedule_next on ${schedule} (next_at) where next_at is not null`,
  ];
}

/**
 * Looking for what is due. `schedule_now_1` is the time that schedules go by, and the only place that says so: who
 * wants to see a year pass puts another clock there. `lock_due_schedule_1` gives one that is due, and locks it.
 */
export function scheduleFunctions(name: SchemaNames): readonly string[] {
  const schedule = name("schedule");
  const now = `${name("schedule_now_1")}()`;
  return [
    `create function ${name("schedule_now_1")}() returns timestamptz language sql volatile
      as $$ select clock_timestamp() $$`,
    `create function ${name("wait_for_schedule_1")}() returns double precision language sql volatile as $$
      select extract(epoch from min(next_at) - ${now}) * 1000 from ${schedule} where next_at is not null $$`,
    `create function ${name("lock_due_schedule_1")}(p_but_not uuid[])
    returns table (looked_at timestamptz, schedule json) language plpgsql as $$
    declare
      v_now timestamptz := ${now};
    begin
      return query select v_now, to_json(s) from ${schedule} s
        where s.next_at <= v_now and s.id <> all(p_but_not)
        order by s.next_at limit 1 for update skip locked;
    end $$`,
  ];
}
