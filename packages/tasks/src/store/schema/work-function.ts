import { limitsLock } from "./limit-tables.ts";
import { giveTurn, nextInLanes } from "./lane-functions.ts";
import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";

/** What a claim returns of each task beside its lease; `fence` and `attempt` are those of the new run. */
const claimedColumns = `id uuid, type text, queue text, lane text, limit_key text, reason text, title text, bot_id text,
  session_id text, channel_id text, parent_task_id uuid, root_task_id uuid, depth smallint, correlation_id text, dispatch_type text, priority smallint,
  attempt int, max_attempts int, max_run_seconds int, idempotency_key text, fence bigint, created_at timestamptz,
  scheduled_at timestamptz, run_at timestamptz, started_at timestamptz, ready_at timestamptz, prompt text, payload jsonb,
  dispatch_config jsonb, target_checked boolean, order_key text, callback_config jsonb, execution_config jsonb,
  origin jsonb, trace_context jsonb, errors jsonb, turn text`;

/**
 * A worker's one call: stores new tasks of its own process, writes the ends of runs, wakes what is due, and claims. The
 * first row says when the new ones were stored and which of them were skipped, which lanes could be locked, which ends
 * came too late, which tasks were cancelled instead, and when to look again: when the next planned task is due or a rate
 * lets the next one start; the others are claimed tasks, by priority, then by when they became ready.
 */
export function workFunction(name: SchemaNames): string {
  return `create function ${name("work_1")}(
    p_worker text, p_epoch bigint, p_ends json, p_lanes text[], p_lines text[],
    p_queues text[], p_types text[], p_limit int, p_floors timestamptz[], p_ranks smallint[], p_wake boolean,
    p_lane_wait_ms int, p_tasks json, p_families uuid[])
  returns table (stored_at timestamptz, skipped uuid[], free_lanes text[], lost uuid[], cancelled uuid[],
    next_in_ms double precision, ${claimedColumns})
  language plpgsql ${plannedByIndex} as $$
  #variable_conflict use_column
  declare
    v_picked uuid[] := '{}';
    v_more uuid[];
    v_left int;
    v_freed_lanes text[];
    v_next uuid[];
    v_may_go_on boolean;
    v_holds json;
    v_is_alive boolean;
    v_is_paused boolean;
    v_has_limits boolean;
  begin
    if p_tasks is not null then
      select e.stored_at, e.skipped into stored_at, skipped from ${name("enqueue_1")}(p_tasks, null) e;
      -- Those that asked for a limit's lock hold it now, and a claim takes such locks in one order.
      if exists (select 1 from ${name("task_limit")}) then p_limit := 0; end if;
    end if;
    -- Before lanes are freed, so that what has become due stands in line when they are given on.
    if p_wake then perform ${name("wake_planned_1")}(); end if;
    if p_lane_wait_ms is not null and p_lanes is not null then
      perform ${name("wait_for_lanes_1")}(p_lanes, p_lane_wait_ms);
    end if;
    if p_ends is not null then
      select s.free_lanes, s.freed_lanes, s.lost, s.cancelled, s.holds
        into free_lanes, v_freed_lanes, lost, cancelled, v_holds
        from ${name("settle_1")}(p_worker, p_epoch, p_ends, p_lanes, p_lines, p_families) s;
    end if;
    if p_wake then
      next_in_ms := (select extract(epoch from min(t.run_at) - clock_timestamp()) * 1000
        from ${name("task")} t where t.state = 'pending' and t.turn = 'planned');
    end if;
    if p_limit > 0 or v_holds is not null then
      perform pg_advisory_xact_lock_shared(${limitsLock(name)});
      if v_holds is not null then perform ${name("hold_limits_1")}(v_holds); end if;
    end if;
    if p_limit > 0 then
      select exists (select 1 from ${name("worker")} w
          where w.id = p_worker and w.epoch = p_epoch and w.alive_until > clock_timestamp()),
        exists (select 1 from ${name("task_pause")} where scope in ('queue', 'type')),
        exists (select 1 from ${name("task_limit")} where scope in ('queue', 'type'))
      into v_is_alive, v_is_paused, v_has_limits;
    end if;
    if v_freed_lanes is not null then
${pickNextInLanes(name)}
    end if;
    loop
      if v_is_alive then
${pickAll(name)}
      end if;
      exit when v_next is null or cardinality(v_next) <= p_limit - cardinality(v_picked);
      ${giveTurn(name, "v_next")};
      v_next := null;
    end loop;
    v_picked := v_picked || v_next;
    return next;
    if cardinality(v_picked) = 0 then return; end if;
${takePicked(name)}
  end $$`;
}

/**
 * The next of the lanes that this worker has just freed get their turn. Those that it could run itself it may have
 * without that step, `v_next`, unless more wait than it has places for: then all wait together. Where something is limited
 * or paused, the step is needed too.
 */
function pickNextInLanes(name: SchemaNames): string {
  return `      v_may_go_on := coalesce(v_is_alive and not v_is_paused and not v_has_limits, false) and v_holds is null
        and not exists (select 1 from ${name("task")} where state = 'pending' and turn = 'limited');
      select array_agg(n.id) filter (where n.fits), array_agg(n.id) filter (where not n.fits) into v_next, v_more from (
        select n.id, v_may_go_on and n.limit_key is null and n.queue = any(p_queues) and n.type = any(p_types) as fits
        from (${nextInLanes(name, "v_freed_lanes")}) n) n;
      if v_more is not null then
        ${giveTurn(name, "v_more")};
      end if;`;
}

/**
 * Tasks whose turn it is, then those that have limits. Locks of limits are taken in one order, so a call that held some
 * back takes no others but lets its worker look again.
 */
function pickAll(name: SchemaNames): string {
  return `      v_picked := '{}';
      v_left := p_limit;
      if v_is_paused then
        p_types := array(select type from unnest(p_types) type
          where not exists (select 1 from ${name("task_pause")} z where z.scope = 'type' and z.name = type));
      end if;
      for i in 1 .. cardinality(p_queues) loop
        exit when v_left <= 0;
        continue when v_is_paused and exists (
          select 1 from ${name("task_pause")} z where z.scope = 'queue' and z.name = p_queues[i]);
${pickFromQueue(name)}
        v_picked := v_picked || v_more;
        v_left := v_left - cardinality(v_more);
      end loop;
      if v_has_limits and cardinality(v_picked) > 0 then
        v_more := ${name("leave_limited_1")}(v_picked);
        if cardinality(v_more) < cardinality(v_picked) then next_in_ms := 0; end if;
        v_picked := v_more;
      end if;
      if v_holds is not null then
        next_in_ms := 0;
      elsif exists (select 1 from ${name("task")} where state = 'pending' and turn = 'limited') then
        select l.picked, least(work_1.next_in_ms, l.next_in_ms) into v_picked, next_in_ms
          from ${name("pick_limited_1")}(p_queues, p_types, p_limit, v_picked) l;
      end if;`;
}

/**
 * What was claimed leaves dead entries in the index until they are cleaned up, and an open snapshot keeps them for long.
 * So a claim begins where the last one ended, which is a row comparison, after a look at what is more urgent.
 */
function pickFromQueue(name: SchemaNames): string {
  const pick = (condition: string): string => `array(select c.id from ${name("task")} c
          where c.state = 'pending' and c.turn = 'now' and c.queue = p_queues[i] and c.type = any(p_types) and ${condition}
          order by -c.priority, c.ready_at, c.seq limit v_left for update skip locked)`;
  return `      if p_ranks[i] is not null then
        v_more := ${pick("-c.priority < p_ranks[i]")};
        v_picked := v_picked || v_more;
        v_left := v_left - cardinality(v_more);
      end if;
      v_more := ${pick("(-c.priority, c.ready_at) >= (coalesce(p_ranks[i], -32767::smallint), coalesce(p_floors[i], '-infinity'))")};`;
}

function takePicked(name: SchemaNames): string {
  return `    return query
      with taken as (
        update ${name("task")} t set state = 'running', attempt = t.attempt + 1, fence = t.fence + 1,
          worker_id = p_worker, worker_epoch = p_epoch, started_at = clock_timestamp(),
          turn = case t.turn when 'line' then 'now' else t.turn end,
          ready_at = case t.turn when 'line' then clock_timestamp() else t.ready_at end
        where t.id = any(v_picked) returning t.*)
      select null::timestamptz, null::uuid[], null::text[], null::uuid[], null::uuid[], null::double precision,
        t.id, t.type, t.queue, t.lane, t.limit_key, t.reason, t.title, t.bot_id, t.session_id, t.channel_id,
        t.parent_task_id, t.root_task_id, t.depth, t.correlation_id, t.dispatch_type, t.priority, t.attempt, t.max_attempts, t.max_run_seconds,
        t.idempotency_key, t.fence, t.created_at, t.scheduled_at, t.run_at, t.started_at, t.ready_at,
        b.prompt, b.payload, b.dispatch_config, b.target_checked, b.order_key, b.callback_config, b.execution_config,
        b.origin, b.trace_context, b.errors, t.turn
      from taken t join ${name("task_body")} b on b.task_id = t.id
      order by -t.priority, t.ready_at, t.seq;`;
}
