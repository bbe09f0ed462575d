import { limitedByGroup, limitedInOrder, runningOf, roomOf } from "./limit-candidates.ts";
import type { SchemaNames } from "./names.ts";
import { plannedByIndex } from "./names.ts";

/** Nothing is sorted that an index has in order. */
export const plannedInOrder: string = `${plannedByIndex} set enable_sort = off set enable_incremental_sort = off`;

/** When a task was locked by somebody else, who may let go of it unchanged: time to look again. */
const LOCKED_MS = 20;

/**
 * Claims of tasks that have limits. What may start is first found without locks, so that nobody waits for a limit that
 * is full; then the limits of what was found are locked, in one order, and what runs is counted anew: whoever starts
 * tasks of a limit holds its row until the commit, so the count is exact.
 */
export function limitFunctions(name: SchemaNames): readonly string[] {
  return [takeLimited(name), pickLimited(name)];
}

/**
 * Picks limited tasks that may start now and joins them to `p_others`, which the worker may have as well: the first
 * `p_limit` of both, by priority, then by when they became ready. `next_in_ms` tells when a rate may let the next start.
 */
function pickLimited(name: SchemaNames): string {
  return `create function ${name("pick_limited_1")}(p_queues text[], p_types text[], p_limit int, p_others uuid[],
    out picked uuid[], out next_in_ms double precision)
  language plpgsql ${plannedInOrder} as $$
  #variable_conflict use_column
  declare
    v_now timestamptz := clock_timestamp();
    v_running jsonb := ${runningOf(name)};
    v_taken jsonb := '{}';
    -- Where it ends: at the last of the others if those are as many as are wanted.
    v_rank smallint := 32767;
    v_ready timestamptz := 'infinity';
    v_seq bigint := 9223372036854775807;
    v_walk int := 100;
    v_walked int;
    v_last_rank smallint;
    v_last_ready timestamptz;
    v_last_seq bigint;
    v_fit uuid[];
    v_wanted int;
    v_ids uuid[];
    v_next timestamptz;
    v_later timestamptz;
  begin
    picked := p_others;
    p_queues := array(select q from unnest(p_queues) q
      where not exists (select 1 from ${name("task_pause")} z where z.scope = 'queue' and z.name = q));
    if cardinality(p_others) >= p_limit then
      select -t.priority, t.ready_at, t.seq into v_rank, v_ready, v_seq from ${name("task")} t
        where t.id = any(p_others) order by -t.priority desc, t.ready_at desc, t.seq desc limit 1;
    end if;
    for v_try in 1 .. 2 loop
${limitedInOrder(name)}
      exit when v_walked < v_walk or cardinality(v_fit) >= p_limit or cardinality(v_fit) < v_walk / 2;
      v_walk := 100 + 2 * p_limit;
    end loop;
    if v_walked >= v_walk and cardinality(v_fit) < p_limit then
${limitedByGroup(name)}
    end if;
    if v_ids is not null then
      select s.picked, s.next_at into picked, v_later from ${name("take_limited_1")}(v_ids, p_others, p_limit) s;
    end if;
    next_in_ms := extract(epoch from least(v_next, v_later) - clock_timestamp()) * 1000;
  end $$`;
}

function takeLimited(name: SchemaNames): string {
  return `create function ${name("take_limited_1")}(p_ids uuid[], p_others uuid[], p_limit int,
    out picked uuid[], out next_at timestamptz)
  language plpgsql ${plannedInOrder} as $$
  #variable_conflict use_column
  declare
    c record;
    v_now timestamptz;
    v_running jsonb;
    v_scopes text[];
    v_names text[];
    v_places jsonb := '{}';
    v_room int[] := '{}';
    v_before int[];
    v_is_rated boolean[];
    v_was_held boolean;
    v_is_free boolean;
    v_free_at timestamptz;
    v_seen int := 0;
  begin
    picked := '{}';
${lockLimits(name)}
    v_now := clock_timestamp();
    v_running := ${runningOf(name)};
    select coalesce(jsonb_object_agg(l.scope || ':' || l.name, u.place), '{}'),
      array_agg(${roomOf("l")} order by u.place), array_agg(l.rate_count is not null order by u.place),
      bool_or(l.concurrency is null and l.rate_count is null and l.free_at <= v_now)
    into v_places, v_room, v_is_rated, v_was_held
    from unnest(v_scopes, v_names) with ordinality u(scope, name, place) cross join lateral (
      select * from ${name("task_limit")} l where l.scope = u.scope and l.name = u.name limit 1) l;
    v_before := v_room;
${startInOrder(name)}
${useRates(name)}
  end $$`;
}

/** One by one in the order of their names, so that no two claims wait for each other. */
function lockLimits(name: SchemaNames): string {
  return `    select array_agg(l.scope), array_agg(l.name) into v_scopes, v_names
    from (
      select distinct s.scope, s.name from ${name("task")} t
        cross join lateral (values ('type', t.type), ('queue', t.queue), ('key', t.limit_key)) s(scope, name)
      where t.id = any(p_ids) order by s.scope, s.name) s
    cross join lateral (
      select l.scope, l.name from ${name("task_limit")} l where l.scope = s.scope and l.name = s.name for update) l;`;
}

/** Goes through the tasks in order while there is room in all limits of each. */
function startInOrder(name: SchemaNames): string {
  const place = (scope: string, column: string): string => `(v_places ->> ('${scope}:' || t.${column}))::int`;
  const use = (column: string): string =>
    `if ${column} is not null then v_room[${column}] := v_room[${column}] - 1; end if;`;
  return `    for c in
      select t.id, u.is_locked, ${place("type", "type")} as of_type, ${place("queue", "queue")} as of_queue,
        ${place("key", "limit_key")} as of_key
      from (select unnest(p_ids) as id, false as is_locked union all select unnest(p_others), true) u
      join ${name("task")} t on t.id = u.id where t.state = 'pending'
      order by -t.priority, t.ready_at, t.seq
    loop
      exit when cardinality(picked) >= p_limit;
      v_seen := v_seen + 1;
      if not c.is_locked then
        -- The place of a limit that it does not have is null, and so is its room.
        continue when v_room[c.of_type] <= 0 or v_room[c.of_queue] <= 0 or v_room[c.of_key] <= 0;
        -- Asked without its state, so that no index but that of the id fits.
        select t.state = 'pending' and t.turn = 'limited' into v_is_free from ${name("task")} t where t.id = c.id for update skip locked;
        if v_is_free is not true then
          next_at := v_now + ${LOCKED_MS} * interval '1 millisecond';
          continue;
        end if;
        ${["c.of_type", "c.of_queue", "c.of_key"].map(use).join("\n        ")}
      end if;
      picked := picked || c.id;
    end loop;
    -- Somebody took some while this waited for a lock: there may be others.
    if cardinality(picked) < p_limit and v_seen < cardinality(p_ids || p_others) then next_at := v_now; end if;`;
}

/** Moves the rates on by what has started, and forgets keys that were only held back and are so no more. */
function useRates(name: SchemaNames): string {
  const interval = "l.rate_per_ms / l.rate_count * interval '1 millisecond'";
  return `    for i in 1 .. coalesce(cardinality(v_scopes), 0) loop
      continue when not v_is_rated[i] or v_room[i] = v_before[i];
      update ${name("task_limit")} l set free_at =
        greatest(l.free_at, v_now - (l.rate_count - 1) * ${interval}) + (v_before[i] - v_room[i]) * ${interval}
      where l.scope = v_scopes[i] and l.name = v_names[i] returning l.free_at into v_free_at;
      if v_free_at > v_now then next_at := least(next_at, v_free_at); end if;
    end loop;
    if v_was_held then
      delete from ${name("task_limit")} l using unnest(v_scopes, v_names) u(scope, name)
      where l.scope = u.scope and l.name = u.name
        and l.concurrency is null and l.rate_count is null and l.free_at <= v_now;
    end if;`;
}
