import { isFirstInLine, pending } from "./delivery-tables.ts";
import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";

/** What a claim returns of each delivery; `fence` and `attempt` are those of the new attempt. */
const claimedColumns = `id uuid, kind text, source_id text, target_key text, task_id uuid, dispatch_type text,
  target jsonb, target_checked boolean, order_key text, policy text, bot_id text, origin jsonb, trace_context jsonb, attempt int,
  max_attempts int, fence bigint, uncertain boolean, sent_parts jsonb, created_at timestamptz, content jsonb`;

/** So many one claim sets aside at most, before it returns with what it has. */
const MOST_ASIDE = 1_000;

/** So many of those that are due a claim looks at to see how much of it waits for targets that nobody may call. */
const FRONT = 1_000;

/**
 * Takes up to `p_limit` due deliveries for one worker, of each target as many as `p_rooms` says, by target, or else
 * `p_share`, so that a target without room fills no batch. It walks past what waits for a target that nobody may call,
 * or that is in `p_stuck`. With `p_tidy` it looks how much that is; where it is most of what stands in front, it sets
 * aside what it meets of it, and no claim walks past it again. Once a target's time is over it takes a single one, to
 * find out, and all when the target has answered. The first row says when to look again and whether some were left behind.
 */
export function claimDeliveriesFunction(name: SchemaNames): string {
  const delivery = name("delivery");
  return `create function ${name("claim_deliveries_1")}(p_worker text, p_epoch bigint, p_types text[], p_limit int,
    p_share int, p_rooms jsonb, p_stuck text[], p_tidy boolean, p_probe_ms double precision)
  returns table (next_in_ms double precision, has_more boolean, ${claimedColumns})
  language plpgsql ${plannedByIndex} as $$
  #variable_conflict use_column
  declare
    v_now timestamptz := clock_timestamp();
    v_full text[] := array(select key from jsonb_each_text(p_rooms) where value::int <= 0 and not key = any(p_stuck));
    v_taken uuid[] := '{}';
    v_more uuid[];
    v_barred uuid[];
    v_held text[] := '{}';
    v_barred_targets text[] := '{}';
    v_targets text[];
    v_locked text[];
    v_count int;
    v_aside int := 0;
    v_is_at_once boolean := false;
    v_filled text[];
    v_rooms jsonb;
    v_left int := p_limit;
    v_room int;
    v_target text;
    v_in_trouble boolean;
  begin
    if not exists (select 1 from ${name("worker")} w
      where w.id = p_worker and w.epoch = p_epoch and w.alive_until > clock_timestamp()) then p_limit := 0; v_left := 0; end if;
    if cardinality(p_stuck) > 0 and v_left > 0 then
      insert into ${name("delivery_target")} (target_key, failures) select unnest(p_stuck), 0 order by 1 on conflict do nothing;
    end if;
    v_in_trouble := exists (select 1 from ${name("delivery_target")});
    if v_in_trouble and v_left > 0 then
      v_held := p_stuck || array(select target_key from ${name("delivery_target")} where until > v_now);
      v_barred_targets := array(select target_key from ${name("delivery_target")} where until <= v_now);
      if p_tidy and ${standsInTheWay(name)} then
        v_barred_targets := v_barred_targets || v_held;
        v_held := '{}';
      end if;
${drain(name)}
    end if;
    while v_left > 0 and v_aside < ${MOST_ASIDE} loop
      if v_in_trouble then
${probe(name)}
      end if;
      exit when v_left <= 0;
${meet(name)}
      exit when v_more is null and v_barred is null;
      if v_barred is not null then
${setAside(name)}
      end if;
${admit(name)}
      exit when v_filled is null and v_barred is null;
    end loop;
    has_more := v_left = 0 or v_aside >= ${MOST_ASIDE} or cardinality(v_full || p_stuck) > 0;
    next_in_ms := case when v_is_at_once or v_aside >= ${MOST_ASIDE} then 0 else (select extract(epoch from min(at) - v_now) * 1000 from (
      (select d.next_at as at from ${delivery} d where ${pending.free} and d.next_at > v_now order by d.next_at limit 1)
      union all (select d.next_at from ${delivery} d where ${pending.inLine} and d.next_at > v_now order by d.next_at limit 1)
      union all select g.until from ${name("delivery_target")} g where v_in_trouble and g.until > v_now) later) end;
    return next;
    if cardinality(v_taken) = 0 then return; end if;
    return query
      with taken as (
        update ${delivery} d set state = 'sending', set_aside = false, attempt = d.attempt + 1, fence = d.fence + 1,
          worker_id = p_worker, worker_epoch = p_epoch
        where d.id = any(v_taken) returning d.*)
      select null::double precision, null::boolean, t.id, t.kind, t.source_id, t.target_key, t.task_id, t.dispatch_type,
        t.target, t.target_checked, t.order_key, t.policy, t.bot_id, t.origin, t.trace_context, t.attempt, t.max_attempts, t.fence,
        t.uncertain, t.sent_parts, t.created_at, b.content
      from taken t left join ${name("body")} b on b.id = t.payload_id order by t.seq;
  end $$`;
}

/** Walking past a delivery costs a hundredth of what setting it aside costs, each time. */
function standsInTheWay(name: SchemaNames): string {
  return `(select count(*) filter (where f.target_key = any(v_held)) * 2 > count(*) from (
        select d.target_key from ${name("delivery")} d where ${pending.free} and d.next_at <= v_now
        order by d.next_at, d.seq limit ${FRONT}) f)`;
}

/** What was set aside for a target that has answered comes before what has come since. */
function drain(name: SchemaNames): string {
  return `      for v_target in select target_key from ${name("delivery_target")}
        where until is null and not target_key = any(v_full || p_stuck)
      loop
        v_room := coalesce((p_rooms->>v_target)::int, p_share);
        v_more := ${ofThoseAside(name, "least(v_room, v_left)")};
        v_taken := v_taken || v_more;
        v_left := v_left - cardinality(v_more);
        p_rooms := p_rooms || jsonb_build_object(v_target, v_room - cardinality(v_more));
        if cardinality(v_more) = v_room then v_full := v_full || v_target; end if;
      end loop;`;
}

/** One attempt for each target whose time is over and that something waits for. */
function probe(name: SchemaNames): string {
  return `      for v_target in select g.target_key from ${name("delivery_target")} g cross join lateral (
          select d.id from ${name("delivery")} d where ${pending.aside} and d.target_key = g.target_key limit 1) o
        where g.until <= v_now and not g.target_key = any(v_full) order by g.until limit v_left for update of g skip locked
      loop
        v_more := ${ofThoseAside(name, "1")};
        if cardinality(v_more) > 0 then
          update ${name("delivery_target")} set probing = true, until = v_now + p_probe_ms * interval '1 millisecond'
          where target_key = v_target;
          v_held := v_held || v_target;
          v_taken := v_taken || v_more;
          v_left := v_left - 1;
        end if;
      end loop;`;
}

function ofThoseAside(name: SchemaNames, limit: string): string {
  return `array(select d.id from ${name("delivery")} d where ${pending.aside}
          and d.target_key = v_target and d.dispatch_type = any(p_types) and ${isFirstInLine(name)}
          order by d.seq limit ${limit} for update of d skip locked)`;
}

/**
 * One look at what is due; another one follows when some were left out because their target was full or in trouble: the
 * latter are in `v_barred`. Of each line only the first one is looked at, by going from line to line, so that no claim
 * walks through what waits behind it.
 */
function meet(name: SchemaNames): string {
  const delivery = name("delivery");
  const mayGo =
    "d.next_at <= v_now and d.dispatch_type = any(p_types) and not d.target_key = any(v_full || v_held) and not d.id = any(v_taken)";
  const inLine = "order_key is not null and state in ('pending', 'open', 'sending', 'held')";
  const parted = (from: string): string =>
    `select array_agg(m.id) filter (where not m.is_barred), array_agg(m.id) filter (where m.is_barred) into v_more, v_barred
      from (select d.id, d.target_key = any(v_barred_targets) as is_barred from ${delivery} d where ${from}) m;`;
  return `      ${parted(`${pending.free} and ${mayGo}
        order by d.next_at, d.seq limit v_left for update of d skip locked`)}
      if exists (select 1 from ${delivery} d where ${pending.inLine} and d.next_at <= v_now) then
        v_more := v_more || v_barred || array(select d.id from ${delivery} d where d.id = any(array(
            with recursive line(key) as (
              select min(order_key) from ${delivery} where ${inLine}
              union all
              select (select min(order_key) from ${delivery} where ${inLine} and order_key > line.key)
              from line where line.key is not null)
            select f.id from line cross join lateral (
              select e.id from ${delivery} e where e.order_key = line.key and e.state = 'pending'
              order by e.seq limit 1) f))
          and ${pending.inLine} and ${mayGo} and ${isFirstInLine(name)}
          order by d.next_at, d.seq limit v_left for update of d skip locked);
        ${parted("d.id = any(v_more) order by d.next_at, d.seq limit v_left")}
      end if;`;
}

/**
 * Those of targets in trouble wait apart. The targets are locked, so that none of them is forgotten meanwhile and leaves
 * behind what waits for it; one that somebody else has locked is let be, as if it were full.
 */
function setAside(name: SchemaNames): string {
  const delivery = name("delivery");
  return `        v_targets := array(select distinct d.target_key from ${delivery} d where d.id = any(v_barred));
        v_locked := array(select g.target_key from ${name("delivery_target")} g where g.target_key = any(v_targets)
          for share skip locked);
        update ${delivery} d set set_aside = true where d.id = any(v_barred) and d.target_key = any(v_locked);
        get diagnostics v_count = row_count;
        v_aside := v_aside + v_count;
        v_is_at_once := v_is_at_once or cardinality(v_locked) < cardinality(v_targets);
        v_full := v_full || array(select unnest(v_targets) except select unnest(v_locked));`;
}

/** Takes of each target as many as it has room for. */
function admit(name: SchemaNames): string {
  return `      select array_agg(r.id) filter (where r.place <= r.room), array_agg(distinct r.target_key) filter (where r.wanted >= r.room),
        jsonb_object_agg(r.target_key, r.room - r.wanted) filter (where r.wanted < r.room)
      into v_more, v_filled, v_rooms from (
        select d.id, d.target_key, count(*) over (partition by d.target_key) as wanted,
          row_number() over (partition by d.target_key order by d.next_at, d.seq) as place,
          coalesce((p_rooms->>d.target_key)::int, p_share) as room
        from ${name("delivery")} d where d.id = any(v_more)) r;
      v_taken := v_taken || coalesce(v_more, '{}');
      v_left := p_limit - cardinality(v_taken);
      v_full := v_full || coalesce(v_filled, '{}');
      p_rooms := p_rooms || coalesce(v_rooms, '{}');`;
}
