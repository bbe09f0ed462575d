import { isFirstInLine } from "./delivery-tables.ts";
import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";

/** What a claim returns of each delivery; `fence` and `attempt` are those of the new attempt. */
const claimedColumns = `id uuid, kind text, source_id text, target_key text, task_id uuid, dispatch_type text,
  target jsonb, target_checked boolean, order_key text, policy text, bot_id text, origin jsonb, trace_context jsonb, attempt int,
  max_attempts int, fence bigint, uncertain boolean, sent_parts jsonb, created_at timestamptz, content jsonb`;

/** So many of a target that nobody may call are moved behind that time by one claim. */
const PUT_OFF = 1_000;

/**
 * Takes up to `p_limit` due deliveries for one worker, of each target as many as `p_rooms` says, by target, or else
 * `p_share`, so that a target without room fills no batch. Of one whose time of being left alone is over it takes a
 * single one, to find out. The first row says when to look again and whether some were left behind.
 */
export function claimDeliveriesFunction(name: SchemaNames): string {
  return `create function ${name("claim_deliveries_1")}(p_worker text, p_epoch bigint, p_types text[], p_limit int,
    p_share int, p_rooms jsonb, p_probe_ms double precision)
  returns table (next_in_ms double precision, has_more boolean, ${claimedColumns})
  language plpgsql ${plannedByIndex} as $$
  #variable_conflict use_column
  declare
    v_now timestamptz := clock_timestamp();
    v_full text[] := array(select key from jsonb_each_text(p_rooms) where value::int <= 0);
    v_taken uuid[] := '{}';
    v_more uuid[];
    v_filled text[];
    v_rooms jsonb;
    v_left int := p_limit;
    v_target text;
    v_in_trouble boolean := exists (select 1 from ${name("delivery_target")});
  begin
    if not exists (select 1 from ${name("worker")} w
      where w.id = p_worker and w.epoch = p_epoch and w.alive_until > clock_timestamp()) then p_limit := 0; v_left := 0; end if;
    if v_in_trouble and v_left > 0 then
${putOff(name)}
${probe(name)}
    end if;
    while v_left > 0 loop
${pick(name)}
    end loop;
    has_more := v_left = 0 or cardinality(v_full) > 0;
    next_in_ms := (select extract(epoch from min(at) - v_now) * 1000 from (
      (select d.next_at as at from ${name("delivery")} d
        where d.state = 'pending' and d.order_key is null and d.next_at > v_now order by d.next_at limit 1)
      union all (select d.next_at from ${name("delivery")} d
        where d.state = 'pending' and d.order_key is not null and d.next_at > v_now order by d.next_at limit 1)
      union all select g.until from ${name("delivery_target")} g where v_in_trouble and g.until > v_now) later);
    return next;
    if cardinality(v_taken) = 0 then return; end if;
    return query
      with taken as (
        update ${name("delivery")} d set state = 'sending', attempt = d.attempt + 1, fence = d.fence + 1,
          worker_id = p_worker, worker_epoch = p_epoch
        where d.id = any(v_taken) returning d.*)
      select null::double precision, null::boolean, t.id, t.kind, t.source_id, t.target_key, t.task_id, t.dispatch_type,
        t.target, t.target_checked, t.order_key, t.policy, t.bot_id, t.origin, t.trace_context, t.attempt, t.max_attempts, t.fence,
        t.uncertain, t.sent_parts, t.created_at, b.content
      from taken t left join ${name("body")} b on b.id = t.payload_id order by t.seq;
  end $$`;
}

/** So that claims do not walk through what waits for a target that nobody may call. */
function putOff(name: SchemaNames): string {
  const delivery = name("delivery");
  return `      update ${delivery} d set next_at = g.until from ${name("delivery_target")} g
      where g.target_key = d.target_key and d.state = 'pending' and d.id = any(array(
        select d.id from ${name("delivery_target")} g join ${delivery} d on d.target_key = g.target_key
        where g.until > v_now and not g.probing and d.state = 'pending' and d.next_at <= v_now
        limit ${PUT_OFF} for update of d skip locked));`;
}

/** One attempt for each target whose time is over; one that nothing waits for is forgotten. */
function probe(name: SchemaNames): string {
  return `      for v_target in select target_key from ${name("delivery_target")}
        where until <= v_now and not target_key = any(v_full) order by until limit v_left for update skip locked
      loop
        v_more := array(select d.id from ${name("delivery")} d where d.state = 'pending' and d.target_key = v_target
          and d.next_at <= v_now and d.dispatch_type = any(p_types) and ${isFirstInLine(name)}
          order by d.next_at, d.seq limit 1 for update of d skip locked);
        if cardinality(v_more) > 0 then
          update ${name("delivery_target")} set probing = true, until = v_now + p_probe_ms * interval '1 millisecond'
          where target_key = v_target;
          v_taken := v_taken || v_more;
          v_left := v_left - 1;
        elsif not exists (select 1 from ${name("delivery")} d where d.target_key = v_target and d.state in ('pending', 'sending')) then
          delete from ${name("delivery_target")} where target_key = v_target;
        end if;
      end loop;`;
}

/**
 * One look at what is due; another one follows when some were left out because their target was full. Of each line only
 * the first one is looked at, by going from line to line, so that no claim walks through what waits behind it.
 */
function pick(name: SchemaNames): string {
  const delivery = name("delivery");
  const mayGo = `d.state = 'pending' and d.next_at <= v_now and d.dispatch_type = any(p_types)
          and not d.target_key = any(v_full) and not d.id = any(v_taken)
          and (not v_in_trouble or not exists (select 1 from ${name("delivery_target")} g
            where g.target_key = d.target_key and g.until is not null))`;
  const inLine = "order_key is not null and state in ('pending', 'open', 'sending', 'held')";
  return `      v_more := array(select d.id from ${delivery} d where ${mayGo} and d.order_key is null
        order by d.next_at, d.seq limit v_left for update of d skip locked);
      if exists (select 1 from ${delivery} d where d.state = 'pending' and d.order_key is not null and d.next_at <= v_now) then
        v_more := v_more || array(select d.id from ${delivery} d where d.id = any(array(
            with recursive line(key) as (
              select min(order_key) from ${delivery} where ${inLine}
              union all
              select (select min(order_key) from ${delivery} where ${inLine} and order_key > line.key)
              from line where line.key is not null)
            select f.id from line cross join lateral (
              select e.id from ${delivery} e where e.order_key = line.key and e.state = 'pending'
              order by e.seq limit 1) f))
          and ${mayGo} and ${isFirstInLine(name)}
          order by d.next_at, d.seq limit v_left for update of d skip locked);
        v_more := array(select d.id from ${delivery} d where d.id = any(v_more) order by d.next_at, d.seq limit v_left);
      end if;
      exit when cardinality(v_more) = 0;
      select array_agg(r.id) filter (where r.place <= r.room), array_agg(distinct r.target_key) filter (where r.wanted >= r.room),
        jsonb_object_agg(r.target_key, r.room - r.wanted) filter (where r.wanted < r.room)
      into v_more, v_filled, v_rooms from (
        select d.id, d.target_key, count(*) over (partition by d.target_key) as wanted,
          row_number() over (partition by d.target_key order by d.next_at, d.seq) as place,
          coalesce((p_rooms->>d.target_key)::int, p_share) as room
        from ${name("delivery")} d where d.id = any(v_more)) r;
      v_taken := v_taken || v_more;
      v_left := p_limit - cardinality(v_taken);
      exit when v_filled is null;
      v_full := v_full || v_filled;
      p_rooms := p_rooms || coalesce(v_rooms, '{}');`;
}
