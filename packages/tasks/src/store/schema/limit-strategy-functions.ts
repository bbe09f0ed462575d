import { plannedInOrder } from "./limit-functions.ts";
import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";

/**
 * What becomes of new tasks whose limit is full, when its strategy is not to let them wait. Full is a limit by those
 * that run, but for those that were asked to end, and those that have their turn; what waits in a lane or for a later
 * time is not counted. Whoever stores such a task holds a lock of the limit until the commit, so that the count is exact.
 */
export function limitStrategyFunctions(name: SchemaNames, channel: string): readonly string[] {
  return [lockStrategies(name), makeRoom(name, channel), enqueueJudged(name)];
}

const needsJudging = (task: string): string =>
  `l.strategy <> 'queue' and (l.scope = 'type' and l.name = ${task}.type
    or l.scope = 'queue' and l.name = ${task}.queue or l.scope = 'key' and l.name = ${task}.limit_key)`;

/** Locks the limits that judge any of the tasks, in one order; false when there are none. */
function lockStrategies(name: SchemaNames): string {
  const limit = name("task_limit");
  return `create function ${name("lock_strategies_1")}(p_tasks json) returns boolean language sql as $$
    select count(pg_advisory_xact_lock(hashtext('${limit.replaceAll("'", "''")}'), hashtext(scope || ':' || name))) > 0 from (
      select l.scope, l.name from ${limit} l where exists (
        select 1 from json_to_recordset(p_tasks) g(type text, queue text, limit_key text) where ${needsJudging("g")})
      order by l.scope, l.name) judging
  $$`;
}

/** False when the new task is to be skipped; else there is room for it, or will be when those that were asked have ended. */
function makeRoom(name: SchemaNames, channel: string): string {
  return `create function ${name("make_room_1")}(p_type text, p_queue text, p_limit_key text) returns boolean
  language plpgsql ${plannedInOrder} as $$
  declare
    v_limit record;
    v_is_asked boolean;
  begin
    for v_limit in
      select l.* from ${name("task_limit")} l, (select p_type as type, p_queue as queue, p_limit_key as limit_key) g
      where ${needsJudging("g")} order by l.strategy desc
    loop
      if v_limit.strategy = 'skip' then
        if (select count(*) >= v_limit.concurrency from (${underWay(name)} limit v_limit.concurrency) u) then return false; end if;
      else
        -- One that is cancelled may give its turn to the next of its lane.
        loop
          select bool_or(u.answer = 'cancelling') into v_is_asked from (
            select ${name("cancel_1")}(u.id) as answer from (
              select u.* from (${underWay(name)}) u order by u.seq desc offset v_limit.concurrency - 1) u) u;
          exit when v_is_asked is null;
          if v_is_asked then perform pg_notify('${channel.replaceAll("'", "''")}', 'cancel limit'); end if;
        end loop;
      end if;
    end loop;
    return true;
  end $$`;
}

/** Tasks of the limit, from each queue and type to the next by the indexes of limited tasks. */
function underWay(name: SchemaNames): string {
  const of = (state: string, order: string, ofKey: string): string => `
          (select t.id, t.seq from ${name("task")} t where t.turn = 'limited' and t.state = '${state}'
            and t.queue = p.queue and t.type = p.type and t.cancel_requested_at is null and ${ofKey}
          order by ${order})`;
  // In the order of the index by group, so that no other fits.
  const both = (["pending", "running"] as const).flatMap((state) => {
    const order = state === "pending" ? "t.limit_key, -t.priority, t.ready_at, t.seq" : "t.limit_key";
    return [
      of(state, order, "v_limit.scope = 'key' and t.limit_key = v_limit.name"),
      of(state, order, "v_limit.scope <> 'key'"),
    ];
  });
  return `select u.id, u.seq from (
          select * from (${pairsIn(name, "pending")}) p union select * from (${pairsIn(name, "running")}) p) p
        cross join lateral (${both.join("\n          union all")}) u
        where (v_limit.scope <> 'type' or p.type = v_limit.name) and (v_limit.scope <> 'queue' or p.queue = v_limit.name)`;
}

function pairsIn(name: SchemaNames, state: string): string {
  const first = (condition: string): string => `(select t.queue, t.type from ${name("task")} t
            where t.turn = 'limited' and t.state = '${state}' and ${condition} order by t.queue, t.type limit 1)`;
  return `with recursive pair as (
            ${first("true")}
            union all
            select n.* from pair p cross join lateral ${first("(t.queue, t.type) > (p.queue, p.type)")} n)
          select queue, type from pair`;
}

/**
 * Stores tasks of which some have such a limit: these one by one, the others together between them, so that all keep
 * their order. Gives back those that were cancelled.
 */
function enqueueJudged(name: SchemaNames): string {
  const task = name("task");
  return `create function ${name("enqueue_judged_1")}(p_tasks json, p_lanes text[], p_at timestamptz) returns uuid[]
  language plpgsql ${plannedByIndex} as $$
  declare
    g record;
    v_ids uuid[] := '{}';
    v_others json[] := '{}';
  begin
    for g in
      select t.value as task, x.* from json_array_elements(p_tasks) t(value), json_to_record(t.value) as x(id uuid, type text,
        queue text, limit_key text, idempotency_key text, scheduled_at timestamptz, delay_ms double precision)
    loop
      v_ids := v_ids || g.id;
      if not exists (select 1 from ${name("task_limit")} l where ${needsJudging("g")})
        or coalesce(g.scheduled_at > p_at, g.delay_ms > 0, false)
        or exists (select 1 from ${task} t where t.idempotency_key = g.idempotency_key)
      then
        v_others := v_others || g.task;
        continue;
      end if;
      if cardinality(v_others) > 0 then perform ${name("enqueue_1")}(array_to_json(v_others), p_lanes, p_at); end if;
      v_others := '{}';
      if not ${name("make_room_1")}(g.type, g.queue, g.limit_key) then
        g.task := g.task::jsonb || '{"is_skipped": true}';
      end if;
      perform ${name("enqueue_1")}(json_build_array(g.task), p_lanes, p_at);
    end loop;
    if cardinality(v_others) > 0 then perform ${name("enqueue_1")}(array_to_json(v_others), p_lanes, p_at); end if;
    return array(select t.id from ${task} t where t.id = any(v_ids) and t.state = 'cancelled');
  end $$`;
}
