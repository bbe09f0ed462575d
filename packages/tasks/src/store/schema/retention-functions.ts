import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";

/**
 * Removing ended tasks, oldest first. Moments travel as texts, since a Date has no microseconds and two ends of one
 * batch have one moment; the number of the task tells them apart.
 */
export function retentionFunctions(name: SchemaNames): readonly string[] {
  return [
    // Bodies are removed with what refers to them, which is looked for by the body.
    `create index delivery_payload on ${name("delivery")} (payload_id)`,
    `create index task_dedupe_window on ${name("task_dedupe")} (task_id) where until is not null`,
    retentionEdge(name),
    removeEnded(name),
  ];
}

/** The place in the order of ends before which nothing is kept; null: all is kept. */
function retentionEdge(name: SchemaNames): string {
  return `create function ${name("retention_edge_1")}(p_type text, p_state text, p_age_ms float8, p_count int,
    out edge_at text, out edge_seq bigint)
  language plpgsql stable ${plannedByIndex} as $$
  declare
    v_now timestamptz := clock_timestamp();
    v_at timestamptz := v_now - p_age_ms * interval '1 millisecond';
    v record;
  begin
    edge_seq := 0;
    if p_count = 0 then
      v_at := v_now;
    elsif p_count > 0 then
      select t.finished_at, t.seq into v from ${name("task")} t
        where t.type = p_type and t.state = p_state and t.finished_at is not null
        order by t.finished_at desc, t.seq desc offset p_count - 1 limit 1;
      if found and (v_at is null or v.finished_at >= v_at) then
        v_at := v.finished_at;
        edge_seq := v.seq;
      end if;
    end if;
    edge_at := v_at::text;
  end $$`;
}

/**
 * One batch, from a place in the order of ends on. Stays: what still has something to deliver, what its parent may still
 * ask for, and what has a dedupe key whose window is open. Only one batch at a time is removed, whoever asks:
 * `is_ours` is false when somebody else is at it and the caller does not wait. `seen` counts what was looked at.
 */
function removeEnded(name: SchemaNames): string {
  const task = name("task");
  const delivery = name("delivery");
  return `create function ${name("remove_ended_1")}(p_type text, p_state text, p_edge_at text, p_edge_seq bigint,
    p_after_at text, p_after_seq bigint, p_limit int, p_waits boolean,
    out is_ours boolean, out seen int, out removed int, out last_at text, out last_seq bigint)
  language plpgsql ${plannedByIndex} as $$
  #variable_conflict use_column
  declare
    v_edge timestamptz := p_edge_at;
    v_after timestamptz := coalesce(p_after_at, '-infinity');
    v_ids uuid[];
    v_bodies uuid[];
  begin
    is_ours := true;
    if p_waits then perform pg_advisory_xact_lock(${retentionLock(name)});
    else is_ours := pg_try_advisory_xact_lock(${retentionLock(name)});
    end if;
    if not is_ours then return; end if;
    with candidate as materialized (
      select c.id, c.finished_at, c.seq from ${task} c
      where c.type = p_type and c.state = p_state and c.finished_at between v_after and v_edge
        and (c.finished_at, c.seq) < (v_edge, p_edge_seq)
        and (c.finished_at, c.seq) > (v_after, coalesce(p_after_seq, 0))
      order by c.finished_at, c.seq limit p_limit for update skip locked)
    select array_agg(id), count(*),
      (array_agg(finished_at order by finished_at desc, seq desc))[1]::text,
      (array_agg(seq order by finished_at desc, seq desc))[1]
    into v_ids, seen, last_at, last_seq from candidate;
    -- A person may send a dead one again; locked first and judged by a second statement, which sees that.
    perform 1 from ${delivery} d where d.task_id = any(v_ids) order by d.id for update;
    v_ids := array(select t.id from ${task} t where t.id = any(v_ids)
      and not exists (select 1 from ${delivery} d
        where d.task_id = t.id and d.state not in ('delivered', 'skipped', 'dead'))
      and not exists (select 1 from ${task} p where p.id = t.parent_task_id and p.finished_at is null)
      and not exists (select 1 from ${name("task_dedupe")} w where w.task_id = t.id and w.until > clock_timestamp()));
    removed := cardinality(v_ids);
    v_bodies := array(select t.result_id from ${task} t where t.id = any(v_ids) and t.result_id is not null
      union select d.payload_id from ${delivery} d where d.task_id = any(v_ids));
    delete from ${delivery} where task_id = any(v_ids);
    delete from ${task} where id = any(v_ids);
    delete from ${name("task_body")} where task_id = any(v_ids);
    delete from ${name("body")} b where b.id = any(v_bodies)
      and not exists (select 1 from ${delivery} d where d.payload_id = b.id);
  end $$`;
}

function retentionLock(name: SchemaNames): string {
  return `hashtextextended('retention of ${name("task").replaceAll("'", "''")}', 0)`;
}
