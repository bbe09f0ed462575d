import { pending } from "./delivery-tables.ts";
import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";

/** So many failures in a row open a target's circuit: for so long, doubled by each failure that follows. */
const OPENS_AT = 5;
const FIRST_OPEN_MS = 5_000;
const LONGEST_OPEN_MS = 300_000;

/** Storing what became of attempts, and what that says of their targets. */
export function settleDeliveriesFunctions(name: SchemaNames): readonly string[] {
  return [judgeTargets(name), settleDeliveries(name), forgetTargets(name)];
}

/**
 * Writes the ends of many attempts, each only where it is still being sent under the lease that ends: `written` names
 * those. `judged` tells of targets that nobody calls from now on, and of those that answer again.
 */
function settleDeliveries(name: SchemaNames): string {
  return `create function ${name("settle_deliveries_1")}(p_worker text, p_epoch bigint, p_ends json,
    out written uuid[], out judged json)
  language plpgsql ${plannedByIndex} as $$
  #variable_conflict use_column
  declare
    v_now timestamptz := clock_timestamp();
    v_seen json;
  begin
    with given as materialized (
      select g.*, coalesce((g.more->>'uncounted')::int, 0) as uncounted
      from json_to_recordset(p_ends) g(id uuid, fence bigint, state text, answer jsonb, external_ids jsonb, health text, more json)),
    settled as (
      update ${name("delivery")} d set
        state = g.state, park_reason = g.more->>'park_reason', skip_reason = g.more->>'skip_reason',
        attempt = d.attempt - g.uncounted,
        next_at = v_now + coalesce((g.more->>'delay_ms')::double precision, 0) * interval '1 millisecond',
        -- What was given back says nothing of the receiver.
        uncertain = case when g.uncounted > 0 then d.uncertain else coalesce((g.more->>'uncertain')::boolean, false) end,
        answer = case when g.uncounted > 0 then d.answer else g.answer end,
        external_ids = case when g.uncounted > 0 then d.external_ids else coalesce(g.external_ids, '[]') end,
        failures = case when g.more->'failure' is null then d.failures else d.failures || (g.more->'failure')::jsonb end,
        delivered_at = case when g.state = 'delivered' then v_now end,
        worker_id = null, worker_epoch = null
      from given g
      -- It is being sent, or it would have no worker. Asked like this one goes by id, not through all that are being sent.
      where d.id = g.id and d.fence = g.fence
        and d.worker_id is not distinct from p_worker and d.worker_epoch = p_epoch
      returning d.id, d.target_key, g.health, (g.more->>'hold_ms')::double precision as hold_ms)
    -- An answer says something only of a target that is in trouble.
    select array_agg(s.id), json_agg(json_build_object('target_key', s.target_key, 'health', s.health, 'hold_ms', s.hold_ms))
      filter (where s.health <> 'well' or s.health is not null
        and s.target_key in (select target_key from ${name("delivery_target")}))
    into written, v_seen from settled s;
    if v_seen is not null then judged := ${name("judge_targets_1")}(v_seen); end if;
  end $$`;
}

/**
 * Counts failures in a row per target. `ill`: it failed in a way that may be the target's own; `well`: it answered;
 * `back`: an attempt was given back unmade. An answer ends a row of failures, but no wait that the receiver asked for.
 */
function judgeTargets(name: SchemaNames): string {
  const table = name("delivery_target");
  const openMs = `least(${LONGEST_OPEN_MS}, ${FIRST_OPEN_MS} * 2 ^ least(v_failures - ${OPENS_AT}, 20))`;
  return `create function ${name("judge_targets_1")}(p_seen json) returns json language plpgsql ${plannedByIndex} as $$
  declare
    r record;
    v_known record;
    v_now timestamptz := clock_timestamp();
    v_failures int;
    v_hold_ms double precision;
    v_judged jsonb := '[]';
  begin
    for r in select s.target_key as key, count(*) filter (where s.health = 'ill' and s.hold_ms is null) as ill, bool_or(s.health = 'well') as is_well,
        bool_or(s.health = 'back') as is_back, max(s.hold_ms) as hold_ms
      from json_to_recordset(p_seen) s(target_key text, health text, hold_ms double precision)
      group by 1 order by 1
    loop
      if r.is_back then
        update ${table} set probing = false, until = v_now where target_key = r.key and probing;
      end if;
      if r.is_well then
        select * into v_known from ${table} where target_key = r.key for update;
        if found and (v_known.until is null or v_known.until <= v_now or v_known.probing) then
          if v_known.until is not null then
            v_judged := v_judged || jsonb_build_object('target_key', r.key, 'failures', 0, 'hold_ms', 0,
              'closed', v_known.failures >= ${OPENS_AT});
          end if;
          if not ${hasAside(name, "r.key")} then
            delete from ${table} where target_key = r.key;
          elsif v_known.until is not null then
            update ${table} set failures = 0, until = null, probing = false, touched_at = v_now where target_key = r.key;
          end if;
        end if;
        update ${table} set failures = 0 where target_key = r.key and failures > 0;
      end if;
      continue when r.hold_ms is null and (r.ill = 0 or r.is_well);
      insert into ${table} as g (target_key, failures) values (r.key, r.ill)
        on conflict (target_key) do update set failures = g.failures + r.ill, touched_at = v_now
        returning g.failures into v_failures;
      v_hold_ms := greatest(r.hold_ms, case when v_failures >= ${OPENS_AT} then ${openMs} end);
      update ${table} g set until = greatest(case when not g.probing then g.until end, v_now + v_hold_ms * interval '1 millisecond'),
        probing = false
      where g.target_key = r.key;
      if v_hold_ms > 0 then
        v_judged := v_judged || jsonb_build_object('target_key', r.key, 'hold_ms', v_hold_ms,
          'failures', v_failures, 'opened', v_failures >= ${OPENS_AT} and v_failures - r.ill < ${OPENS_AT});
      end if;
    end loop;
    return case when v_judged <> '[]' then v_judged end;
  end $$`;
}

/** Targets that were in trouble, that nobody has called for a day and that nothing waits for. */
function forgetTargets(name: SchemaNames): string {
  return `create function ${name("forget_targets_1")}() returns void language plpgsql as $$
  declare
    v_idle text[] := array(select target_key from ${name("delivery_target")}
      where touched_at < clock_timestamp() - interval '1 day' and (until is null or until < clock_timestamp())
      for update skip locked);
  begin
    -- Looked at behind the lock: until then something may have been set aside.
    delete from ${name("delivery_target")} g where g.target_key = any(v_idle) and not ${hasAside(name, "g.target_key")};
  end $$`;
}

function hasAside(name: SchemaNames, target: string): string {
  return `exists (select 1 from ${name("delivery")} d where ${pending.aside} and d.target_key = ${target})`;
}
