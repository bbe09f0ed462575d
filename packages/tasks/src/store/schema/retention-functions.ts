import type { SchemaNames } from "./names.ts";
import { plannedByIndex, plannedOnce } from "./names.ts";

/**
 * Removing ended tasks. No index is kept for it that every end would pay for: what is to go is looked for by reading
 * the table, once for many batches. Moments travel as texts, since a Date has no microseconds and two ends of one batch
 * have one moment; the number of the task tells them apart.
 */
export function retentionFunctions(name: SchemaNames): readonly string[] {
  return [
    `create index task_dedupe_window on ${name("task_dedupe")} (task_id) where until is not null`,
    endedKinds(name),
    retentionEdges(name),
    beyondEdges(name),
    removeEnded(name),
  ];
}

/** The types that have ended tasks, with the states these have ended in and how many they are. */
function endedKinds(name: SchemaNames): string {
  return `create function ${name("ended_kinds_1")}() returns table (type text, state text, n float8)
  language sql stable as $$
    select t.type, t.state, count(*)::float8 from ${name("task")} t where t.finished_at is not null group by 1, 2 order by 1, 2
  $$`;
}

const edgeColumns = "type text, state text, edge_at text, edge_seq bigint";

/**
 * For each rule the place in the order of ends before which nothing is kept: so many milliseconds ago, or before the
 * newest `keep` of the kind, whichever is later.
 */
function retentionEdges(name: SchemaNames): string {
  return `create function ${name("retention_edges_1")}(p_rules json) returns table (${edgeColumns})
  language sql stable ${plannedOnce} as $$
    with rule as materialized (
      select r.*, clock_timestamp() as now from json_to_recordset(p_rules) r(type text, state text, age_ms float8, keep int)),
    counted as (
      select t.type, t.state, t.finished_at, t.seq, r.keep,
        row_number() over (partition by t.type, t.state order by t.finished_at desc, t.seq desc) as place
      from ${name("task")} t join rule r on r.type = t.type and r.state = t.state
      where r.keep > 0 and t.finished_at is not null),
    edge as (
      select r.type, r.state, r.now - r.age_ms * interval '1 millisecond' as at, 0::bigint as seq from rule r where r.age_ms is not null
      union all select r.type, r.state, r.now, 0 from rule r where r.keep = 0
      union all select c.type, c.state, c.finished_at, c.seq from counted c where c.place = c.keep)
    select distinct on (e.type, e.state) e.type, e.state, e.at::text, e.seq from edge e
    order by e.type, e.state, e.at desc, e.seq desc
  $$`;
}

/** What keeps an ended task whatever its age: something to deliver, a parent that may ask for it, an open dedupe window. */
function mayGo(name: SchemaNames): string {
  return `not exists (select 1 from ${name("delivery")} d
        where d.task_id = t.id and d.state not in ('delivered', 'skipped', 'dead'))
      and not exists (select 1 from ${name("task")} p where p.id = t.parent_task_id and p.finished_at is null)
      and not exists (select 1 from ${name("task_dedupe")} w where w.task_id = t.id and w.until > clock_timestamp())`;
}

/** Some of the tasks behind the edges of their kinds, as the table gives them. */
function beyondEdges(name: SchemaNames): string {
  return `create function ${name("beyond_edges_1")}(p_edges json, p_limit int) returns uuid[]
  language sql stable set enable_hashjoin = off set enable_mergejoin = off ${plannedOnce} as $$
    select array(
      select t.id from ${name("task")} t
      where t.finished_at <= (select max(e.edge_at::timestamptz) from json_to_recordset(p_edges) e(${edgeColumns}))
        and exists (select 1 from json_to_recordset(p_edges) e(${edgeColumns})
          where e.type = t.type and e.state = t.state and (t.finished_at, t.seq) < (e.edge_at::timestamptz, e.edge_seq))
        and ${mayGo(name)}
      limit p_limit)
  $$`;
}

/**
 * Removes those of a batch that have still ended and may still go, with all that belongs to them. Only one batch at a
 * time is removed, whoever asks: null when somebody else is at it and the caller does not wait.
 */
function removeEnded(name: SchemaNames): string {
  const task = name("task");
  const delivery = name("delivery");
  return `create function ${name("remove_ended_1")}(p_ids uuid[], p_waits boolean) returns int
  language plpgsql ${plannedByIndex} as $$
  declare
    v_ids uuid[];
    v_bodies uuid[];
  begin
    if p_waits then perform pg_advisory_xact_lock(${retentionLock(name)});
    elsif not pg_try_advisory_xact_lock(${retentionLock(name)}) then return null;
    end if;
    v_ids := array(select t.id from ${task} t where t.id = any(p_ids) and t.finished_at is not null
      order by t.id for update skip locked);
    -- A person may send a dead one again; locked first and judged by a second statement, which sees that.
    perform 1 from ${delivery} d where d.task_id = any(v_ids) order by d.id for update;
    v_ids := array(select t.id from ${task} t where t.id = any(v_ids) and ${mayGo(name)});
    v_bodies := array(select t.result_id from ${task} t where t.id = any(v_ids) and t.result_id is not null
      union select d.payload_id from ${delivery} d where d.task_id = any(v_ids));
    delete from ${delivery} where task_id = any(v_ids);
    delete from ${task} where id = any(v_ids);
    delete from ${name("task_body")} where task_id = any(v_ids);
    delete from ${name("body")} b where b.id = any(v_bodies)
      and not exists (select 1 from ${delivery} d where d.payload_id = b.id);
    return cardinality(v_ids);
  end $$`;
}

function retentionLock(name: SchemaNames): string {
  return `hashtextextended('retention of ${name("task").replaceAll("'", "''")}', 0)`;
}
