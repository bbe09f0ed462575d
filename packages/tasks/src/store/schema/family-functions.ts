import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";

/**
 * Parents and children. Whoever ends a child or lets its parent wait holds the family's lock until the commit, so that
 * no last child ends unseen while its parent begins to wait. Locks are taken in one order, after those of lanes.
 */
export function familyFunctions(name: SchemaNames): readonly string[] {
  return [familyOf(name), lockFamilies(name), wakeParents(name)];
}

/** Where new children belong: their lane, the root of their family and how deep they are; no root: no such parent. */
function familyOf(name: SchemaNames): string {
  return `create function ${name("family_1")}(p_children json)
  returns table (id text, lane text, root_task_id text, depth int) language sql stable ${plannedByIndex} as $$
    select c.id::text, case when c.lane is not null then ${name("lane_of_child_1")}(c.parent, c.lane) end,
      coalesce(p.root_task_id, p.id)::text, p.depth + 1
    from json_to_recordset(p_children) c(id uuid, lane text, parent uuid)
      left join ${name("task")} p on p.id = c.parent
  $$`;
}

function lockFamilies(name: SchemaNames): string {
  return `create function ${name("lock_families_1")}(p_parents uuid[]) returns void language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(key) from (
      select distinct hashtextextended('family:' || parent, 0) as key from unnest(p_parents) parent order by 1) keys;
  end $$`;
}

/** Those of these parents that wait go on once none of their children lives. Their locks are held. */
function wakeParents(name: SchemaNames): string {
  return `create function ${name("wake_parents_1")}(p_parents uuid[]) returns void language plpgsql ${plannedByIndex} as $$
  begin
    update ${name("task")} p set state = 'pending', run_at = clock_timestamp(), ready_at = clock_timestamp()
    where p.id = any(p_parents) and p.state = 'waiting'
      and not exists (select 1 from ${name("task")} c where c.parent_task_id = p.id and c.finished_at is null);
  end $$`;
}
