import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";

/** A task keeps so many lines. */
const MOST_LINES = 100;

/** The lines of a task with newer ones behind them, the oldest left out. */
export function withLines(log: string, newer: string): string {
  return `case when ${newer} is null then ${log}
        else jsonb_path_query_array(coalesce(${log}, '[]') || ${newer}, '$[last - ${MOST_LINES - 1} to last]') end`;
}

/**
 * Keeps what running tasks say of themselves, for those that are still held under their leases. Their rows are locked,
 * from the newest on as everywhere, so that no other run begins behind the check.
 */
export function noteFunction(name: SchemaNames): string {
  return `create function ${name("note_1")}(p_worker text, p_epoch bigint, p_notes json) returns void
  language sql ${plannedByIndex} as $$
    with given as materialized (
      select * from json_to_recordset(p_notes) g(id uuid, fence bigint, progress jsonb, log jsonb)),
    held as materialized (
      select t.id from ${name("task")} t
      where t.id in (select id from given) and t.state = 'running' and t.worker_id = p_worker and t.worker_epoch = p_epoch
        and exists (select 1 from given g where g.id = t.id and g.fence = t.fence)
      order by t.id desc for share)
    update ${name("task_body")} b set
      progress = coalesce(g.progress, b.progress),
      log = ${withLines("b.log", "g.log")}
    from given g where b.task_id = g.id and g.id in (select id from held)
  $$`;
}
