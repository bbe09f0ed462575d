import { isLimited } from "./limit-tables.ts";
import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";
import { holdsLane } from "./task-tables.ts";

/** How many locks all lanes share: enough to keep them apart, few enough for the server's table of locks. */
const LANE_LOCKS = 1024;

/**
 * Lanes. Whoever adds to a lane or frees it holds its lock until the commit: so the order of a lane is the order of
 * commits, and a follower cannot be missed by the one that it follows. Locks are taken in one order.
 */
export function laneFunctions(name: SchemaNames): readonly string[] {
  return [lockLanes(name), lockFreeLanes(name), waitForLanes(name), promoteLanes(name), laneOfChild(name)];
}

/** Who has waited for a lane must see what was committed meanwhile, which an older snapshot would hide. */
function lockLanes(name: SchemaNames): string {
  return `create function ${name("lock_lanes_1")}(p_lanes text[]) returns void language plpgsql as $$
  begin
    if current_setting('transaction_isolation') <> 'read committed' then
      raise exception 'A task with a lane cannot be enqueued or cancelled in a transaction that is %.',
        current_setting('transaction_isolation')
        using errcode = '25001', hint = 'Begin the transaction as read committed, or do it outside of it.';
    end if;
    perform pg_advisory_xact_lock(${lockSpace(name)}, slot) from (
      select distinct ${slotOf("lane")} as slot from unnest(p_lanes) lane order by 1) slots;
  end $$`;
}

/** Locks those lanes that nobody has locked, without waiting, and returns them. */
function lockFreeLanes(name: SchemaNames): string {
  return `create function ${name("lock_free_lanes_1")}(p_lanes text[]) returns text[] language plpgsql as $$
  begin
    return array(select lane from unnest(p_lanes) lane
      where pg_try_advisory_xact_lock(${lockSpace(name)}, ${slotOf("lane")}));
  end $$`;
}

/** Stands in line for lanes that others lock all the time; gives up after a while. */
function waitForLanes(name: SchemaNames): string {
  return `create function ${name("wait_for_lanes_1")}(p_lanes text[], p_ms int) returns void language plpgsql as $$
  declare
    v_before text := current_setting('lock_timeout');
  begin
    perform set_config('lock_timeout', p_ms::text, true);
    begin
      perform ${name("lock_lanes_1")}(p_lanes);
    exception when lock_not_available then null;
    end;
    perform set_config('lock_timeout', v_before, true);
  end $$`;
}

function lockSpace(name: SchemaNames): string {
  return `hashtext('${name("task").replaceAll("'", "''")}')`;
}

function slotOf(lane: string): string {
  return `(hashtextextended(${lane}, 0) & ${LANE_LOCKS - 1})::int`;
}

/** Gives each lane that nobody has to the first in its line. */
function promoteLanes(name: SchemaNames): string {
  return `create function ${name("promote_lanes_1")}(p_lanes text[]) returns void language plpgsql ${plannedByIndex} as $$
  begin
    ${giveTurn(
      name,
      `array(select n.id from (${nextInLanes(name, "p_lanes")}) n
      where not exists (select 1 from ${name("task")} where lane = n.lane and ${holdsLane}))`,
    )};
  end $$`;
}

/** The first in the line of each of the lanes in an array. */
export function nextInLanes(name: SchemaNames, lanes: string): string {
  return `select free.lane, n.* from unnest(${lanes}) free(lane) cross join lateral (
          select c.id, c.queue, c.type, c.limit_key from ${name("task")} c
          where c.lane = free.lane and c.state = 'pending' and c.turn = 'line' order by c.seq limit 1) n`;
}

/** From now on they can be claimed. */
export function giveTurn(name: SchemaNames, ids: string): string {
  return `update ${name("task")} t set
      turn = case when ${isLimited(name, "t")} then 'limited' else 'now' end, ready_at = clock_timestamp()
    where t.id = any(${ids})`;
}

/**
 * The lane of a child. In the lane of an ancestor it would wait for the ancestor, which may wait for it: children
 * of one parent that name such a lane form one of their own.
 */
function laneOfChild(name: SchemaNames): string {
  const task = name("task");
  return `create function ${name("lane_of_child_1")}(p_parent uuid, p_lane text) returns text language sql stable as $$
    with recursive ancestor as (
      select id, lane, parent_task_id, 1 as depth from ${task} where id = p_parent
      union all
      select t.id, t.lane, t.parent_task_id, a.depth + 1 from ${task} t join ancestor a on t.id = a.parent_task_id
      where a.depth < 100)
    select case when exists (select 1 from ancestor where lane = p_lane or starts_with(lane, p_lane || ' of '))
      then p_lane || ' of ' || p_parent else p_lane end
  $$`;
}
