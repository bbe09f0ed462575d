import { STREAM_GIVEN_UP } from "./delivery-tables.ts";
import type { SchemaNames } from "./names.ts";

/**
 * Cancels what has not begun, and asks for the end of what runs. Returns `cancelled`, `cancelling` (its worker will
 * end it), `ended` (it had ended before) or `unknown`.
 */
export function cancelFunction(name: SchemaNames): string {
  const task = name("task");
  return `create function ${name("cancel_1")}(p_id uuid) returns text language plpgsql as $$
  declare
    v_lane text;
    v_parent uuid;
    v_state text;
  begin
    select lane, parent_task_id into v_lane, v_parent from ${task} where id = p_id;
    if not found then return 'unknown'; end if;
    if v_lane is not null then perform ${name("lock_lanes_1")}(array[v_lane]); end if;
    if v_parent is not null then perform ${name("lock_families_1")}(array[v_parent]); end if;
    select state into v_state from ${task} where id = p_id for update;
    if v_state in ('pending', 'waiting') then
      update ${task} set state = 'cancelled', finished_at = clock_timestamp() where id = p_id;
      update ${name("delivery")} set state = 'skipped', skip_reason = '${STREAM_GIVEN_UP}', next_at = clock_timestamp()
        where task_id = p_id and state = 'open';
      if v_lane is not null then perform ${name("promote_lanes_1")}(array[v_lane]); end if;
      if v_parent is not null then perform ${name("wake_parents_1")}(array[v_parent]); end if;
      return 'cancelled';
    elsif v_state = 'running' then
      update ${task} set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()) where id = p_id;
      return 'cancelling';
    end if;
    return case when v_state is null then 'unknown' else 'ended' end;
  end $$`;
}
