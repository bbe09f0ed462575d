import { isLimited } from "./limit-tables.ts";
import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";

/** How many planned tasks one call wakes. */
const BATCH = 1_000;

/**
 * Gives tasks whose time has come their turn, or their place in the line of their lane. Planned tasks stay out of the
 * index that claims read, so that no number of them slows a claim down. A lane that somebody's transaction has locked
 * is left for the next call, so that no worker waits for it.
 */
export function wakeFunction(name: SchemaNames): string {
  const task = name("task");
  const due = "state = 'pending' and turn = 'planned' and run_at <= v_now";
  return `create function ${name("wake_planned_1")}() returns void language plpgsql ${plannedByIndex} as $$
  declare
    v_now timestamptz := clock_timestamp();
    v_lanes text[] := array(
      select distinct lane from (select lane, fence from ${task} where ${due} order by run_at limit ${BATCH}) first
      where lane is not null and fence = 0);
  begin
    if cardinality(v_lanes) > 0 then v_lanes := ${name("lock_free_lanes_1")}(v_lanes); end if;
    update ${task} t set
      turn = case when t.lane is not null and t.fence = 0 then 'line' when ${isLimited(name, "t")} then 'limited' else 'now' end,
      ready_at = clock_timestamp()
    where t.id = any(array(
      select id from ${task} where ${due} and (lane is null or fence > 0 or lane = any(v_lanes))
      order by run_at limit ${BATCH} for update skip locked));
    if cardinality(v_lanes) > 0 then perform ${name("promote_lanes_1")}(v_lanes); end if;
  end $$`;
}
