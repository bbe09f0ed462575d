import { pending } from "./delivery-tables.ts";
import type { SchemaNames } from "./names.ts";
import { plannedByIndex, plannedOnce } from "./names.ts";

/**
 * What a queue looks like. Each number is counted over an index that holds little else, so that a long history costs
 * little: live tasks by the indexes of their turns, ended ones from the moment that is asked for.
 */
export function statsFunctions(name: SchemaNames): readonly string[] {
  const task = name("task");
  const delivery = name("delivery");
  return [
    `create index task_waiting on ${task} (queue, type) where state = 'waiting'`,
    // Summaries of pages: every end would pay for entries, and the recent ends lie together.
    `create index task_ended on ${task} using brin (finished_at) with (pages_per_range = 32)`,
    `create index delivery_left on ${delivery} (state) where state in ('open', 'held', 'dead')`,
    queueDepth(name),
    endedSince(name),
    deliveryDepth(name),
    workerLoad(name),
  ];
}

/** Live tasks by queue and type. A planned task whose time has come is due, whether or not it has been woken. */
function queueDepth(name: SchemaNames): string {
  const counted = (standing: string, since: string, condition: string): string =>
    `select t.queue, t.type, '${standing}' as standing, count(*) as n, ${since} as since
      from ${name("task")} t where ${condition} group by t.queue, t.type`;
  const count = (standing: string): string =>
    `coalesce(sum(n) filter (where standing = '${standing}'), 0)::float8`;
  const planned = "t.state = 'pending' and t.turn = 'planned'";
  return `create function ${name("queue_depth_1")}()
  returns table (queue text, type text, due float8, planned float8, in_lane float8, limited float8, running float8,
    waiting float8, oldest_due_ms float8)
  language plpgsql stable ${plannedByIndex} as $$
  #variable_conflict use_column
  declare
    v_now timestamptz := clock_timestamp();
  begin
    return query
    select queue, type, ${count("due")}, ${count("planned")}, ${count("in_lane")}, ${count("limited")},
      ${count("running")}, ${count("waiting")},
      (extract(epoch from max(greatest(v_now - since, interval '0')) filter (where standing = 'due')) * 1000)::float8
    from (
      ${[
        counted("due", "min(t.ready_at)", "t.state = 'pending' and t.turn = 'now'"),
        counted("due", "min(t.run_at)", `${planned} and t.run_at <= v_now`),
        counted("planned", "null::timestamptz", `${planned} and t.run_at > v_now`),
        counted("in_lane", "null::timestamptz", "t.state = 'pending' and t.turn = 'line'"),
        counted("limited", "null::timestamptz", "t.state = 'pending' and t.turn = 'limited'"),
        counted("running", "null::timestamptz", "t.state = 'running'"),
        counted("waiting", "null::timestamptz", "t.state = 'waiting'"),
      ].join("\n      union all\n      ")}) live
    group by queue, type order by queue, type;
  end $$`;
}

/** How many have ended in the last so many milliseconds. */
function endedSince(name: SchemaNames): string {
  return `create function ${name("ended_since_1")}(p_ms float8)
  returns table (queue text, type text, state text, n float8)
  language plpgsql stable ${plannedOnce} set enable_seqscan = off as $$
  #variable_conflict use_column
  declare
    v_since timestamptz := clock_timestamp() - p_ms * interval '1 millisecond';
  begin
    return query select t.queue, t.type, t.state, count(*)::float8 from ${name("task")} t
      where t.finished_at > v_since group by t.queue, t.type, t.state;
  end $$`;
}

/** Deliveries that have not reached a good end. */
function deliveryDepth(name: SchemaNames): string {
  const count = (state: string, which = `state = '${state}'`): string =>
    `select '${state}' as state, count(*) as n from ${name("delivery")} where ${which}`;
  const counts = [
    ...Object.values(pending).map((which) => count("pending", which)),
    ...["open", "sending", "held", "parked", "dead"].map((state) => count(state)),
  ];
  return `create function ${name("delivery_depth_1")}() returns table (state text, n float8)
  language plpgsql stable ${plannedByIndex} as $$
  #variable_conflict use_column
  begin
    return query
    select state, sum(n)::float8 from (
      ${counts.join("\n      union all ")}) d
    group by state;
  end $$`;
}

/** How many tasks each worker has in hand. */
function workerLoad(name: SchemaNames): string {
  return `create function ${name("worker_load_1")}() returns table (worker_id text, running float8)
  language plpgsql stable ${plannedByIndex} as $$
  begin
    return query select t.worker_id, count(*)::float8 from ${name("task")} t
      where t.state = 'running' group by t.worker_id;
  end $$`;
}
