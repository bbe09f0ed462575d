import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";
import { withLines } from "./note-function.ts";
import { STREAM_GIVEN_UP } from "./delivery-tables.ts";

/**
 * Ends of runs as the function takes them. What most of them do not have lies in `more`, since each column costs each
 * row. The worker is that of the call unless an end names another.
 */
const givenEnds = `select g.id, g.fence, g.state, g.content, g.more->>'failure_code' as failure_code,
        (g.more->>'delay_ms')::double precision as delay_ms, (g.more->>'hold_ms')::double precision as hold_ms,
        (g.more->>'uncounted')::int as uncounted, (g.more->'error')::jsonb as error, g.more->'delivery' as delivery,
        g.more->'tasks' as tasks, g.more->'notes' as notes, g.more->>'worker_id' as worker_id,
        (g.more->>'worker_epoch')::bigint as worker_epoch, g.more->'orphan' is not null as is_orphan
      from json_to_recordset(p_ends) g(id uuid, fence bigint, state text, lane text, content jsonb, more json)
      where p_lanes is null or ((g.lane is null or g.lane = any(p_lanes)) and (g.more->'tasks' is null or not exists (
        select 1 from json_to_recordset(g.more->'tasks') n(lane text) where n.lane is not null and n.lane <> all(p_lanes))))`;

const deliveryColumns = `id uuid, kind text, target_key text, dispatch_type text, target jsonb, target_checked boolean,
  order_key text, policy text, bot_id text, origin jsonb, trace_context jsonb, max_attempts int, absent_reason text`;

/** What becomes of an open stream when its run ends without a result; `s.state` is what becomes of the task. */
const leftOpen = `state = case when s.state = 'pending' then 'open' else 'skipped' end,
        skip_reason = case when s.state <> 'pending' then '${STREAM_GIVEN_UP}' end,
        next_at = v_now, uncertain = true`;

/**
 * A task that is retried after its end comes to another one, whose result or error and delivery stand beside the earlier
 * ones: its source is `<task id>/<how often it was retried>`.
 */
const bodyId = "case t.retries when 0 then t.id else gen_random_uuid() end";
const sourceId = "s.id::text || case s.retries when 0 then '' else '/' || s.retries end";

/**
 * Writes the ends of many runs, each with its result, its error, its delivery and the new tasks that follow it. Ends that
 * need a lane that somebody has locked are left out, so that an open transaction of a caller's holds up nothing else:
 * `free_lanes` are those that were not; whoever calls this gives the `freed_lanes` to the next. `p_families` are the
 * parents that wait for children from now on or whose children end. Only what is still held under the lease that ends is
 * written: `lost` names the others. A task whose cancelling was asked for does not run again: `cancelled` names those that were to. `holds` are
 * those that asked for a pause of all that shares their limits.
 */
export function settleFunction(name: SchemaNames): string {
  const task = name("task");
  const isCancelled = "t.cancel_requested_at is not null and g.state in ('pending', 'waiting', 'failed')";
  const live = (dispatchType: string): string =>
    `exists (select 1 from ${name("worker")} w where w.alive_until > clock_timestamp() and ${dispatchType} = any(w.dispatch_types))`;
  return `create function ${name("settle_1")}(
    p_worker text, p_epoch bigint, p_ends json, p_lanes text[], p_lines text[], p_families uuid[],
    out free_lanes text[], out freed_lanes text[], out lost uuid[], out cancelled uuid[], out holds json)
  language plpgsql ${plannedByIndex} as $$
  #variable_conflict use_column
  declare
    v_now timestamptz;
    v_tasks json;
    v_lanes text[];
  begin
    if p_lanes is not null then
      p_lanes := ${name("lock_free_lanes_1")}(p_lanes);
      free_lanes := p_lanes;
    end if;
    if p_lines is not null then perform ${name("lock_lines_1")}(p_lines); end if;
    if p_families is not null then perform ${name("lock_families_1")}(p_families); end if;
    v_now := clock_timestamp();
    with given as materialized (
      ${givenEnds}),
    settled as (
      update ${task} t set
        state = case when ${isCancelled} then 'cancelled' else g.state end,
        turn = case when g.state = 'pending' and g.delay_ms > 0 then 'planned' else t.turn end,
        failure_code = case when ${isCancelled} then null else g.failure_code end,
        attempt = t.attempt - coalesce(g.uncounted, 0),
        worker_id = null, worker_epoch = null,
        result_id = case when not (${isCancelled}) and (g.content is not null or g.delivery is not null) then ${bodyId} end,
        run_at = case when g.state = 'pending' then v_now + coalesce(g.delay_ms, 0) * interval '1 millisecond' else t.run_at end,
        -- What was taken or handed back has waited before, and goes first again.
        ready_at = case when g.state = 'pending' and not g.is_orphan and g.uncounted is null then v_now else t.ready_at end,
        finished_at = case when g.state in ('pending', 'waiting') and t.cancel_requested_at is null then null else v_now end
      from given g
      -- Only a running task has a worker. Written so that no index but that of the id fits.
      where t.id = g.id and t.fence = g.fence
        and t.worker_id is not distinct from coalesce(g.worker_id, p_worker)
        and t.worker_epoch is not distinct from coalesce(g.worker_epoch, p_epoch)
        and (not g.is_orphan or not exists (select 1 from ${name("worker")} w
          where w.id = t.worker_id and w.epoch = t.worker_epoch and w.alive_until > clock_timestamp()))
      returning t.id, t.lane, t.retries, t.state, t.finished_at, t.state = g.state as as_told, t.result_id, g.content, g.error,
        g.delivery, g.tasks, g.notes,
        t.type, t.queue, t.limit_key, g.hold_ms),
    contents as (
      insert into ${name("body")} (id, content)
      select result_id, coalesce(content, 'null') from settled where result_id is not null),
    bodies as (
      update ${name("task_body")} b set
        errors = coalesce(b.errors || s.error, b.errors),
        progress = coalesce((s.notes->'progress')::jsonb, b.progress),
        log = ${withLines("b.log", "(s.notes->'log')::jsonb")}
      from settled s
      where b.task_id = s.id and (s.error is not null or s.notes is not null)),
    deliveries as (
      insert into ${name("delivery")} as o (id, kind, source_id, target_key, task_id, dispatch_type, target, target_checked,
        order_key, policy, payload_id, bot_id, origin, trace_context, max_attempts, state, park_reason)
      select d.id, d.kind, ${sourceId}, d.target_key, s.id, d.dispatch_type, d.target, d.target_checked,
        d.order_key, d.policy, s.result_id, d.bot_id, d.origin, d.trace_context, d.max_attempts,
        case when ${live("d.dispatch_type")} then 'pending' else 'parked' end,
        case when ${live("d.dispatch_type")} then null else d.absent_reason end
      from settled s, json_to_record(s.delivery) as d(${deliveryColumns})
      where s.delivery is not null and s.as_told
      -- One whose stream is open goes on from there.
      on conflict (kind, source_id, target_key) do update set state = excluded.state, park_reason = excluded.park_reason,
        payload_id = excluded.payload_id, next_at = excluded.next_at where o.state = 'open'),
    streams as (
      update ${name("delivery")} d set ${leftOpen}
      from settled s where s.state <> 'complete' and d.task_id = s.id and d.state = 'open')
    select
      -- What has ended in this way under this very fence was written by this lease, and only the answer was lost.
      (select array_agg(g.id) from given g where g.id not in (select id from settled)
        and not exists (select 1 from ${task} t where t.id = g.id and t.fence = g.fence
          and t.state || '' = g.state and g.state <> 'pending'
          and t.failure_code is not distinct from g.failure_code)),
      (select array_agg(s.id) from settled s where not s.as_told),
      case when p_lanes is not null then
        array(select s.lane from settled s where s.lane is not null and s.finished_at is not null) end,
      (select json_agg(json_build_object('type', s.type, 'queue', s.queue, 'limit_key', s.limit_key, 'hold_ms', s.hold_ms))
        from settled s where s.hold_ms > 0),
      (select json_agg(n.task) from settled s, json_array_elements(s.tasks) n(task)
        where s.tasks is not null and s.as_told)
    into lost, cancelled, freed_lanes, holds, v_tasks;
    if v_tasks is not null then
      v_lanes := ${name("enqueue_with_end_1")}(v_tasks);
      freed_lanes := array(select lane from unnest(freed_lanes) lane where lane <> all(v_lanes));
    end if;
    if p_families is not null then perform ${name("wake_parents_1")}(p_families); end if;
  end $$`;
}

/** Deliveries of one line are committed in the order of their numbers. */
export function lockLinesFunction(name: SchemaNames): string {
  return `create function ${name("lock_lines_1")}(p_lines text[]) returns void language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(key) from (
      select distinct hashtextextended('line:' || line, 0) as key from unnest(p_lines) line order by 1) keys;
  end $$`;
}
