import type { MigrationSet } from "@core/database";
import { tasksMigrations } from "@core/tasks";

/**
 * The engine's tables, and beside them the schema `torture`, where the judge's evidence is kept: handlers write down
 * their runs, and triggers write down each step of a task, who took it, and whether its holder was alive by then.
 */
export function evidenceMigrations(): readonly MigrationSet[] {
  const migrations = [
    { name: "0001-runs", statements: runs },
    { name: "0002-hearts", statements: hearts },
    { name: "0003-steps", statements: steps },
  ];
  return [tasksMigrations(), { name: "torture", migrations }];
}

const runs: readonly string[] = [
  `create schema torture`,
  `create table torture.run (
    token uuid primary key,
    task_id uuid not null,
    lane text,
    attempt integer not null,
    app text not null,
    pid integer not null,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    aborted boolean not null default false
  )`,
  `create index on torture.run (task_id, app)`,
  `create view torture.result as
    select t.id as task_id, b.content from tasks.task t join tasks.body b on b.id = t.result_id`,
];

/**
 * The last beat of each worker. A statement that takes a dead worker's task back looks at its beginning, so a worker
 * that has revived since, or by its last beat only, does not count as one whose heart was beating.
 */
const hearts: readonly string[] = [
  `create table torture.heart (
    worker_id text primary key,
    beat_at timestamptz not null,
    without_it_alive_until timestamptz not null,
    revived_at timestamptz
  )`,
  `create function torture.note_beat() returns trigger language plpgsql as $$
  declare
    until timestamptz := new.alive_until;
    revived timestamptz;
  begin
    if tg_op = 'UPDATE' then
      if old.epoch = new.epoch then until := old.alive_until; end if;
      if until <= clock_timestamp() then revived := clock_timestamp(); end if;
    end if;
    insert into torture.heart as h values (new.id, clock_timestamp(), until, revived)
    on conflict (worker_id) do update set
      beat_at = excluded.beat_at, without_it_alive_until = excluded.without_it_alive_until,
      revived_at = coalesce(excluded.revived_at, h.revived_at);
    return null;
  end $$`,
  `create trigger torture_beat after insert or update on tasks.worker
    for each row execute function torture.note_beat()`,
  `create function torture.lives(holder text, holder_epoch bigint) returns boolean language sql volatile as $$
    select exists (
      select 1 from tasks.worker w join torture.heart h on h.worker_id = w.id
      where w.id = holder and w.epoch = holder_epoch
        and w.alive_until > clock_timestamp() and h.without_it_alive_until > clock_timestamp()
        and (h.revived_at is null or h.revived_at < statement_timestamp()))
  $$`,
];

const noted = `task_id, seq, lane, to_state, failure_code, attempt, app`;
const values = `new.id, new.seq, new.lane, new.state, new.failure_code, new.attempt,
  current_setting('application_name')`;

/** `claim`: a task begins to run; `end`: it stops running; `move`: anything else. `app` names the process. */
const steps: readonly string[] = [
  `create table torture.step (
    serial bigint generated always as identity primary key,
    kind text not null,
    task_id uuid not null,
    seq bigint not null,
    lane text,
    to_state text not null,
    failure_code text,
    attempt integer not null,
    app text not null,
    fence bigint not null,
    holder_lives boolean,
    at timestamptz not null default clock_timestamp()
  )`,
  `create index on torture.step (task_id, kind)`,
  `create function torture.note_step() returns trigger language plpgsql as $$ begin
    if old.state = 'running' then
      insert into torture.step (kind, ${noted}, fence, holder_lives)
      values ('end', ${values}, old.fence, torture.lives(old.worker_id, old.worker_epoch));
    end if;
    if new.state = 'running' then
      insert into torture.step (kind, ${noted}, fence) values ('claim', ${values}, new.fence);
    elsif old.state <> 'running' then
      insert into torture.step (kind, ${noted}, fence) values ('move', ${values}, new.fence);
    end if;
    return null;
  end $$`,
  `create trigger torture_step after update on tasks.task for each row
    when (old.state <> new.state or old.fence <> new.fence) execute function torture.note_step()`,
  `create view torture.ending as
    select e.*, c.app as claimer from torture.step e
    join torture.step c on c.task_id = e.task_id and c.fence = e.fence and c.kind = 'claim'
    where e.kind = 'end'`,
  // A worker that was silent for too long may also take back what it held itself.
  `create view torture.takeover as select * from torture.ending
    where (app <> claimer or not holder_lives) and (to_state = 'pending' or failure_code = 'lease_lost')`,
  `create view torture.claimed_run as
    select r.*, coalesce(r.lane, r.task_id::text) as line, (select s.fence from torture.step s
      where s.task_id = r.task_id and s.kind = 'claim' and s.app = r.app and s.at <= r.started_at
      order by s.serial desc limit 1) as fence
    from torture.run r`,
];
