import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";
import { holdsLane } from "./task-tables.ts";

/** What is done now and then, so that nothing piles up and nothing stays stuck that a hand has broken. */
export function upkeepFunctions(name: SchemaNames): readonly string[] {
  return [healLanes(name), healFamilies(name), forgetKeys(name)];
}

/** Lanes in which somebody waits and that nobody has, perhaps because a row was deleted by hand. Returns how many. */
function healLanes(name: SchemaNames): string {
  const task = name("task");
  return `create function ${name("heal_lanes_1")}() returns int language plpgsql ${plannedByIndex} as $$
  declare
    v_lane text := '';
    v_healed int := 0;
  begin
    loop
      select min(lane) into v_lane from ${task} where state = 'pending' and turn = 'line' and lane > v_lane;
      exit when v_lane is null;
      continue when exists (select 1 from ${task} where lane = v_lane and ${holdsLane});
      continue when cardinality(${name("lock_free_lanes_1")}(array[v_lane])) = 0;
      perform ${name("promote_lanes_1")}(array[v_lane]);
      v_healed := v_healed + 1;
    end loop;
    return v_healed;
  end $$`;
}

/** Lets those go on that wait for children of which none is left. Returns how many. */
function healFamilies(name: SchemaNames): string {
  return `create function ${name("heal_families_1")}() returns int language plpgsql ${plannedByIndex} as $$
  declare
    v_parents uuid[] := array(select id from ${name("task")} p where p.state = 'waiting'
      and not exists (select 1 from ${name("task")} c where c.parent_task_id = p.id and c.finished_at is null) limit 1000);
  begin
    if cardinality(v_parents) = 0 then return 0; end if;
    perform ${name("lock_families_1")}(v_parents);
    perform ${name("wake_parents_1")}(v_parents);
    return cardinality(v_parents);
  end $$`;
}

/** Dedupe keys that nobody has any more. */
function forgetKeys(name: SchemaNames): string {
  const isFree = `case when d.until is not null then d.until < clock_timestamp()
      else not exists (select 1 from ${name("task")} t
        where t.id = d.task_id and t.state in ('pending', 'running', 'waiting')) end`;
  return `create function ${name("forget_keys_1")}(p_limit int) returns int language plpgsql as $$
  declare
    v_forgotten int;
    v_keys text[];
  begin
    -- Locked first and judged by a second statement, since a key may move to another task in between.
    v_keys := array(select d.key from ${name("task_dedupe")} d where ${isFree} limit p_limit for update of d skip locked);
    delete from ${name("task_dedupe")} d where d.key = any(v_keys) and ${isFree};
    get diagnostics v_forgotten = row_count;
    return v_forgotten;
  end $$`;
}
