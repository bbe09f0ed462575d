import { isLimited } from "./limit-tables.ts";
import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";

/**
 * Lets tasks that failed or were cancelled run again, at once, those of a lane behind all that wait in it. Attempts are
 * counted anew; the fence goes on, so that no lease of before fits. Returns for each `retried`, `not_ended`, `complete`
 * or `unknown`. Those of one lane keep their order.
 */
export function retryFunction(name: SchemaNames): string {
  const task = name("task");
  return `create function ${name("retry_tasks_1")}(p_ids uuid[]) returns table (id uuid, answer text)
  language plpgsql ${plannedByIndex} as $$
  #variable_conflict use_column
  declare
    g record;
    v_lanes text[] := array(
      select distinct t.lane from ${task} t where t.id = any(p_ids) and t.lane is not null);
  begin
    if cardinality(v_lanes) > 0 then perform ${name("lock_lanes_1")}(v_lanes); end if;
    -- In the order in which all lock tasks.
    perform t.id from ${task} t where t.id = any(p_ids) order by t.id desc for update;
    for g in
      select given.id, t.state from (select distinct unnest(p_ids) as id) given left join ${task} t on t.id = given.id
      order by t.seq
    loop
      update ${task} t set state = 'pending',
        turn = case when t.lane is not null then 'line' when ${isLimited(name, "t")} then 'limited' else 'now' end,
        seq = default, retries = t.retries + 1, attempt = 0, failure_code = null, result_id = null,
        cancel_requested_at = null, run_at = clock_timestamp(), ready_at = clock_timestamp(), finished_at = null
      where t.id = g.id and t.state in ('failed', 'cancelled');
      return query select g.id, case when found then 'retried' when g.state is null then 'unknown'
        when g.state = 'complete' then 'complete' else 'not_ended' end;
    end loop;
    if cardinality(v_lanes) > 0 then perform ${name("promote_lanes_1")}(v_lanes); end if;
  end $$`;
}
