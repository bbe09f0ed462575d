import { isLimited } from "./limit-tables.ts";
import type { SchemaNames } from "./names.ts";
import { plannedByIndex, plannedOnce } from "./names.ts";

/** A new task as the functions take it: JSON whose absent fields are null. Each column costs each row. */
const givenColumns = `id uuid, type text, queue text, lane text, limit_key text, reason text, dispatch_type text,
  priority smallint, max_attempts int, max_run_seconds int, idempotency_key text, scheduled_at timestamptz,
  delay_ms double precision, payload jsonb, on_conflict text, is_skipped boolean, more json`;

/** Of those that most tasks do not have: what lies in the row, and what lies in the body. */
const moreOfRow = `g.more->>'title' as title, g.more->>'bot_id' as bot_id, g.more->>'session_id' as session_id,
        g.more->>'channel_id' as channel_id, (g.more->>'parent_task_id')::uuid as parent_task_id,
        (g.more->>'root_task_id')::uuid as root_task_id, coalesce((g.more->>'depth')::smallint, 0) as depth,
        g.more->>'correlation_id' as correlation_id`;
const moreOfBody = `g.more->>'prompt' as prompt, (g.more->'dispatch_config')::jsonb as dispatch_config,
      g.more->'target_unchecked' is null as target_checked, g.more->>'order_key' as order_key,
      (g.more->'callback_config')::jsonb as callback_config, (g.more->'execution_config')::jsonb as execution_config,
      (g.more->'origin')::jsonb as origin, (g.more->'trace_context')::jsonb as trace_context,
      g.more->>'input_digest' as input_digest`;

/**
 * Storing tasks. `enqueue_1` stores many at once and leaves out those whose idempotency key is known; it names those
 * that are cancelled because a limit is full. With `p_at` that has been judged, and it is the time.
 * `enqueue_keyed_1` goes through them one by one and says what became of each. `enqueue_with_end_1` stores those that
 * follow the ends of runs, whose lanes are locked, and returns the lanes, which it has given on.
 */
export function enqueueFunctions(name: SchemaNames): readonly string[] {
  return [enqueue(name), replaceTask(name), enqueueKeyed(name), enqueueWithEnd(name)];
}

function enqueue(name: SchemaNames): string {
  return `create function ${name("enqueue_1")}(p_tasks json, p_lanes text[], p_at timestamptz default null,
    out stored_at timestamptz, out skipped uuid[])
  language plpgsql ${plannedOnce} as $$
  declare
    v_now timestamptz := coalesce(p_at, clock_timestamp());
    v_is_judged boolean := false;
  begin
    if p_at is null and exists (select 1 from ${name("task_limit")} where strategy <> 'queue') then
      v_is_judged := ${name("lock_strategies_1")}(p_tasks);
    end if;
    if p_lanes is not null then perform ${name("lock_lanes_1")}(p_lanes); end if;
    stored_at := v_now;
    if v_is_judged then
      skipped := ${name("enqueue_judged_1")}(p_tasks, p_lanes, v_now);
      return;
    end if;
    with given as materialized (
      select g.*, case when g.scheduled_at is not null then g.scheduled_at
        when g.delay_ms > 0 then v_now + g.delay_ms * interval '1 millisecond' end as later
      from json_to_recordset(p_tasks) g(${givenColumns})),
    stored as (
      insert into ${name("task")} (id, type, queue, lane, limit_key, reason, state, turn, dispatch_type, priority,
        max_attempts, max_run_seconds, idempotency_key, created_at, scheduled_at, run_at, ready_at, finished_at,
        title, bot_id, session_id, channel_id, parent_task_id, root_task_id, depth, correlation_id)
      select g.id, g.type, g.queue, g.lane, g.limit_key, g.reason, case when g.is_skipped then 'cancelled' else 'pending' end,
        case when g.later > v_now then 'planned' when g.lane is not null then 'line'
          when ${isLimited(name, "g")} then 'limited' else 'now' end,
        g.dispatch_type, g.priority, g.max_attempts, g.max_run_seconds, g.idempotency_key, v_now, g.later,
        coalesce(g.later, v_now), v_now, case when g.is_skipped then v_now end,
        ${moreOfRow}
      from given g
      on conflict (idempotency_key) where idempotency_key is not null do nothing
      returning id)
    insert into ${name("task_body")} (task_id, payload, prompt, dispatch_config, target_checked, order_key,
      callback_config, execution_config, origin, trace_context, input_digest)
    select g.id, g.payload, ${moreOfBody}
    from given g where g.id in (select id from stored);
    if p_lanes is not null then perform ${name("promote_lanes_1")}(p_lanes); end if;
  end $$`;
}

/**
 * Lets a newcomer change a task that has not run yet: `merge` its payload alone, `replace` all its content, `debounce`
 * also its time. Where it belongs stays: its lane, its queue, its session.
 */
function replaceTask(name: SchemaNames): string {
  const task = name("task");
  return `create function ${name("replace_task_1")}(p_id uuid, p_task json) returns void language plpgsql as $$
  #variable_conflict use_column
  declare
    g record;
    v_now timestamptz := clock_timestamp();
    v_later timestamptz;
    v_lane text;
  begin
    select g.*, ${moreOfRow}, ${moreOfBody} into g from json_to_record(p_task) as g(${givenColumns});
    if g.on_conflict = 'merge' then
      update ${name("task_body")} b set
        payload = case when jsonb_typeof(b.payload) = jsonb_typeof(g.payload) and jsonb_typeof(g.payload) in ('array', 'object')
          then b.payload || g.payload else coalesce(g.payload, b.payload) end
      where b.task_id = p_id;
      return;
    end if;
    update ${name("task_body")} b set
      payload = g.payload, prompt = g.prompt, dispatch_config = g.dispatch_config, target_checked = g.target_checked,
      order_key = g.order_key, callback_config = g.callback_config, execution_config = g.execution_config,
      origin = g.origin
    where b.task_id = p_id;
    update ${task} set title = g.title, dispatch_type = g.dispatch_type, priority = g.priority,
      max_attempts = g.max_attempts, max_run_seconds = g.max_run_seconds
    where id = p_id and state = 'pending';
    if g.on_conflict = 'debounce' then
      v_later := case when g.scheduled_at is not null then g.scheduled_at
        else v_now + coalesce(g.delay_ms, 0) * interval '1 millisecond' end;
      update ${task} set scheduled_at = v_later, run_at = v_later, ready_at = v_now, turn = 'planned'
      where id = p_id and state = 'pending' returning lane into v_lane;
      if v_lane is not null then perform ${name("promote_lanes_1")}(array[v_lane]); end if;
    end if;
  end $$`;
}

/**
 * An idempotency key answers with the task that has it, whatever else is asked. A dedupe key belongs to one task: while
 * that lives, or until the end of its window, newcomers are skipped or change it if it has not begun; one that runs
 * gives the key up. The lanes of all who may be changed are locked before the keys, as everywhere.
 */
function enqueueKeyed(name: SchemaNames): string {
  const task = name("task");
  return `create function ${name("enqueue_keyed_1")}(p_tasks json)
  returns table (place int, id uuid, created boolean, input_digest text) language plpgsql ${plannedByIndex} as $$
  #variable_conflict use_column
  declare
    g record;
    e record;
    v_lanes text[] := array(
      select lane from json_to_recordset(p_tasks) t(lane text) where lane is not null
      union select t.lane from json_to_recordset(p_tasks) k(dedupe_key text)
        join ${name("task_dedupe")} d on d.key = k.dedupe_key join ${task} t on t.id = d.task_id where t.lane is not null);
  begin
    if cardinality(v_lanes) > 0 then perform ${name("lock_lanes_1")}(v_lanes); end if;
    insert into ${name("task_dedupe")} (key)
      select distinct dedupe_key from json_to_recordset(p_tasks) t(dedupe_key text) where dedupe_key is not null order by 1
      on conflict (key) do update set key = excluded.key;
    for g in
      select t.value as task, x.* from json_array_elements(p_tasks) t(value),
        json_to_record(t.value) as x(place int, id uuid, lane text, idempotency_key text, dedupe_key text, on_conflict text, window_ms float8)
    loop
      return query select g.place, t.id, false, b.input_digest
        from ${task} t join ${name("task_body")} b on b.task_id = t.id where t.idempotency_key = g.idempotency_key;
      continue when found;
      select t.id, t.lane, t.state = 'pending' and t.fence = 0 as unbegun,
        case when d.until is null then t.state in ('pending', 'running', 'waiting') else d.until > clock_timestamp() end as taken,
        d.until is not null as windowed
      into e from ${name("task_dedupe")} d join ${task} t on t.id = d.task_id where d.key = g.dedupe_key for update of t;
      if e.taken and g.on_conflict <> 'skip' and e.unbegun then
        if e.lane is not null then perform ${name("lock_lanes_1")}(array[e.lane]); end if;
        perform ${name("replace_task_1")}(e.id, g.task);
      end if;
      if e.taken and (e.windowed or e.unbegun or g.on_conflict = 'skip') then
        return query select g.place, e.id, false, null::text;
        continue;
      end if;
      perform ${name("enqueue_1")}(json_build_array(g.task), case when g.lane is not null then array[g.lane] end);
      if exists (select 1 from ${task} where id = g.id) then
        update ${name("task_dedupe")} d set task_id = g.id,
          until = clock_timestamp() + g.window_ms * interval '1 millisecond'
          -- One that was skipped has not taken the key.
          where d.key = g.dedupe_key and exists (select 1 from ${task} t where t.id = g.id and t.state = 'pending');
        return query select g.place, g.id, true, null::text;
      else
        return query select g.place, t.id, false, b.input_digest
          from ${task} t join ${name("task_body")} b on b.task_id = t.id where t.idempotency_key = g.idempotency_key;
      end if;
    end loop;
  end $$`;
}

function enqueueWithEnd(name: SchemaNames): string {
  return `create function ${name("enqueue_with_end_1")}(p_tasks json) returns text[] language plpgsql ${plannedOnce} as $$
  declare
    v_lanes text[] := array(select distinct lane from json_to_recordset(p_tasks) n(lane text) where lane is not null);
  begin
    if exists (select 1 from json_to_recordset(p_tasks) n(idempotency_key text, dedupe_key text)
        where idempotency_key is not null or dedupe_key is not null) then
      perform ${name("enqueue_keyed_1")}(p_tasks);
    else
      perform ${name("enqueue_1")}(p_tasks, case when cardinality(v_lanes) > 0 then v_lanes end);
    end if;
    return v_lanes;
  end $$`;
}
