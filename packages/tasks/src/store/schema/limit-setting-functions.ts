import { isLimited, limitsLock } from "./limit-tables.ts";
import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";

/** What changes limits and pauses, and what holds a key back for a while. */
export function limitSettingFunctions(name: SchemaNames): readonly string[] {
  return [setLimit(name), freeLimited(name), pause(name), holdLimits(name), leaveLimited(name)];
}

/**
 * Sets a limit. Tasks whose turn is `now` become limited, those that run too so that they are counted; a task that was
 * stored meanwhile by somebody who did not see the limit becomes so when it is claimed. Rows that are locked are left
 * to that: the lock of claims must not wait for them.
 */
function setLimit(name: SchemaNames): string {
  const task = name("task");
  const limit = name("task_limit");
  const toLimited = (
    condition: string,
  ): string => `update ${task} t set turn = 'limited' where t.id = any(array(
      select c.id from ${task} c where ${condition} and c.turn = 'now'
        and (c.type = p_name and p_scope = 'type' or c.queue = p_name and p_scope = 'queue')
      for update skip locked))`;
  return `create function ${name("set_limit_1")}(p_scope text, p_name text, p_concurrency int, p_rate_count int,
    p_rate_per_ms double precision, p_strategy text) returns void language plpgsql ${plannedByIndex} as $$
  declare
    v_is_new boolean := p_scope <> 'key' and not exists (
      select 1 from ${limit} l where l.scope = p_scope and l.name = p_name);
  begin
    if v_is_new then ${toLimited("c.state = 'pending'")}; end if;
    perform pg_advisory_xact_lock(${limitsLock(name)});
    insert into ${limit} as l (scope, name, concurrency, rate_count, rate_per_ms, strategy)
    values (p_scope, p_name, p_concurrency, p_rate_count, p_rate_per_ms, p_strategy)
    on conflict (scope, name) do update set concurrency = p_concurrency, rate_count = p_rate_count,
      rate_per_ms = p_rate_per_ms, strategy = p_strategy,
      -- A rate begins anew; what holds a limit without a rate back goes on.
      free_at = case when l.rate_count is null or (l.rate_count, l.rate_per_ms) is not distinct from (p_rate_count, p_rate_per_ms)
        then l.free_at else '-infinity' end
    -- True of a row that was not there.
    returning xmax = 0 and scope <> 'key' into v_is_new;
    if v_is_new then ${toLimited("c.state = 'running'")}; end if;
  end $$`;
}

/** Lets tasks that have no limit any more be claimed as all others are, after those that have their turn already. */
function freeLimited(name: SchemaNames): string {
  const task = name("task");
  return `create function ${name("free_limited_1")}(p_scope text, p_name text) returns void language plpgsql ${plannedByIndex} as $$
  declare
    v_now timestamptz := clock_timestamp();
  begin
    update ${task} t set turn = 'now', ready_at = v_now where t.id = any(array(
      select c.id from ${task} c where c.state = 'pending' and c.turn = 'limited'
        and (c.type = p_name and p_scope = 'type' or c.queue = p_name and p_scope = 'queue') and not ${isLimited(name, "c")}
      for update skip locked));
  end $$`;
}

function pause(name: SchemaNames): string {
  return `create function ${name("pause_1")}(p_scope text, p_name text) returns void language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(${limitsLock(name)});
    insert into ${name("task_pause")} (scope, name) values (p_scope, p_name) on conflict do nothing;
  end $$`;
}

/**
 * Keeps all tasks of a key from starting for a while, as one of them has asked; without a key, all of the type's and the
 * queue's limits that have a rate. A key without a limit gets a row that says only this.
 */
function holdLimits(name: SchemaNames): string {
  const limit = name("task_limit");
  const given =
    "json_to_recordset(p_holds) h(type text, queue text, limit_key text, hold_ms double precision)";
  const until = "clock_timestamp() + max(h.hold_ms) * interval '1 millisecond'";
  return `create function ${name("hold_limits_1")}(p_holds json) returns void language plpgsql as $$
  declare
    u record;
  begin
    insert into ${limit} as l (scope, name, free_at)
      select 'key', h.limit_key, ${until} from ${given} where h.limit_key is not null group by h.limit_key order by h.limit_key
      on conflict (scope, name) do update set free_at = greatest(l.free_at, excluded.free_at);
    for u in
      select s.scope, s.name, ${until} as until from ${given}
        cross join lateral (values ('type', h.type), ('queue', h.queue)) s(scope, name)
      where h.limit_key is null group by s.scope, s.name order by s.scope, s.name
    loop
      update ${limit} l set free_at = greatest(l.free_at, u.until)
      where l.scope = u.scope and l.name = u.name and l.rate_count is not null;
    end loop;
  end $$`;
}

/** Of tasks that were picked for their turn, those that may start: the others have got a limit meanwhile. */
function leaveLimited(name: SchemaNames): string {
  const task = name("task");
  return `create function ${name("leave_limited_1")}(p_picked uuid[]) returns uuid[] language plpgsql as $$
  declare
    v_types text[] := array(select l.name from ${name("task_limit")} l where l.scope = 'type');
    v_queues text[] := array(select l.name from ${name("task_limit")} l where l.scope = 'queue');
    v_left uuid[];
  begin
    with stray as (
      update ${task} t set turn = 'limited'
      where t.id = any(p_picked) and (t.type = any(v_types) or t.queue = any(v_queues)) returning t.id)
    select array_agg(s.id) into v_left from stray s;
    if v_left is null then return p_picked; end if;
    return array(select p.id from unnest(p_picked) p(id) where p.id <> all(v_left));
  end $$`;
}
