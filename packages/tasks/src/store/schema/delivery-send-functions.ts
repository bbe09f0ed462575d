import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";

const givenColumns = `id uuid, target_key text, dispatch_type text, target jsonb, target_checked boolean,
  order_key text, policy text, max_attempts int, absent_reason text, delay_ms double precision`;

/** Writing deliveries that no task's end makes, and removing old ones. */
export function outboxFunctions(name: SchemaNames): readonly string[] {
  return [sendDeliveries(name), pruneDeliveries(name)];
}

/**
 * Writes one payload for many targets, all or none. The same kind, source and target make one delivery: one that exists
 * is given back as it is, in the order of the targets.
 */
function sendDeliveries(name: SchemaNames): string {
  const delivery = name("delivery");
  const isSendable = `exists (select 1 from ${name("worker")} w
    where w.alive_until > clock_timestamp() and g.dispatch_type = any(w.dispatch_types))`;
  return `create function ${name("send_deliveries_1")}(p_message json, p_targets json, p_lines text[])
  returns table (id uuid, created boolean) language plpgsql ${plannedByIndex} as $$
  #variable_conflict use_column
  declare
    m record;
  begin
    select * into m from json_to_record(p_message)
      as m(payload_id uuid, content jsonb, kind text, source_id text, task_id uuid, bot_id text, origin jsonb);
    if p_lines is not null then perform ${name("lock_lines_1")}(p_lines); end if;
    insert into ${name("body")} (id, content) values (m.payload_id, coalesce(m.content, 'null'));
    insert into ${delivery} (id, kind, source_id, target_key, task_id, dispatch_type, target, target_checked, order_key,
      policy, payload_id, bot_id, origin, max_attempts, next_at, state, park_reason)
    select g.id, m.kind, m.source_id, g.target_key, m.task_id, g.dispatch_type, g.target, g.target_checked, g.order_key,
      g.policy, m.payload_id, m.bot_id, m.origin, g.max_attempts,
      clock_timestamp() + coalesce(g.delay_ms, 0) * interval '1 millisecond',
      case when ${isSendable} then 'pending' else 'parked' end,
      case when ${isSendable} then null else g.absent_reason end
    from json_to_recordset(p_targets) g(${givenColumns})
    on conflict (kind, source_id, target_key) do nothing;
    if not found then delete from ${name("body")} b where b.id = m.payload_id; end if;
    return query select d.id, d.id = g.id
      from rows from (json_to_recordset(p_targets) as (id uuid, target_key text)) with ordinality g(id, target_key, place)
      -- One look into the index for each, whatever the statistics.
      cross join lateral (select d.id from ${delivery} d
        where d.kind = m.kind and d.source_id = m.source_id and d.target_key = g.target_key limit 1) d
      order by g.place;
  end $$`;
}

/**
 * Removes a batch of deliveries that have been at their end for so long, from `p_after` on in the order of their ids,
 * and the bodies that nobody refers to any more. `next_at` of an ended delivery is when it ended.
 */
function pruneDeliveries(name: SchemaNames): string {
  return `create function ${name("prune_deliveries_1")}(p_after uuid, p_before uuid, p_older_ms double precision,
    p_states text[], p_limit int, out pruned int, out last uuid)
  language plpgsql ${plannedByIndex} as $$
  declare
    v_bodies uuid[];
  begin
    with gone as (
      delete from ${name("delivery")} d where d.id = any(array(
        select o.id from ${name("delivery")} o where o.id > p_after and o.id < p_before and o.state = any(p_states)
          and o.next_at < clock_timestamp() - p_older_ms * interval '1 millisecond'
        order by o.id limit p_limit for update skip locked))
      returning d.id, d.payload_id)
    select count(*), (array_agg(g.id order by g.id desc))[1], array_agg(distinct g.payload_id)
    into pruned, last, v_bodies from gone g;
    delete from ${name("body")} b where b.id = any(v_bodies)
      and not exists (select 1 from ${name("delivery")} d where d.payload_id = b.id)
      and not exists (select 1 from ${name("task")} t where t.id = b.id and t.result_id = b.id);
  end $$`;
}
