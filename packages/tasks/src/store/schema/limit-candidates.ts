import type { SchemaNames } from "./names.ts";

/**
 * Statements of `pick_limited_1` that look for limited tasks which may start now, as far as can be seen without locks:
 * `v_ids`, and in `v_next` when a rate lets the next one start.
 */

/** How many limited tasks run of each limit, as JSON of `scope:name`. */
export function runningOf(name: SchemaNames): string {
  return countsOf(`select t.type, t.queue, t.limit_key, count(*) as n from ${name("task")} t
        where t.state = 'running' and t.turn = 'limited' group by t.queue, t.type, t.limit_key`);
}

/** How many more may start now under a limit, beside those that run and those that are as good as `taken`. */
export function roomOf(limit: string, taken: string = "'{}'::jsonb"): string {
  const count = (counts: string): string =>
    `coalesce((${counts} ->> (${limit}.scope || ':' || ${limit}.name))::int, 0)`;
  const interval = `(${limit}.rate_per_ms / ${limit}.rate_count)`;
  const since = `greatest(${limit}.free_at, v_now - (${limit}.rate_count - 1) * ${interval} * interval '1 millisecond')`;
  return `(least(${ENOUGH}, ${limit}.concurrency - ${count("v_running")},
        case when ${limit}.free_at > v_now then 0 when ${limit}.rate_count is not null
          then floor((extract(epoch from v_now - ${since}) * 1000 + 0.001) / ${interval}) + 1 end)::int
        - ${count(taken)})`;
}

const ENOUGH = 1_000_000;

/**
 * Looks at the first `v_walk` of all. `v_fit` are those of them that are sure to start if nobody is faster; mostly they
 * are as many as are wanted, or there are no more.
 */
export function limitedInOrder(name: SchemaNames): string {
  const last = (column: string): string => `(select a.${column} from ahead a order by a.place desc limit 1)`;
  const fits = (column: string, room: string): string =>
    `(${room} is null or row_number() over (partition by ${column} order by place) <= ${room})`;
  return `    with ahead as materialized (
      select a.*, row_number() over (order by a.rank, a.ready_at, a.seq) as place
      from unnest(p_queues) q(queue) cross join lateral (
        select t.id, t.queue, t.type, t.limit_key, 0 - t.priority as rank, t.ready_at, t.seq from ${name("task")} t
        where t.state = 'pending' and t.turn = 'limited' and t.queue = q.queue
          and (0 - t.priority, t.ready_at, t.seq) < (v_rank, v_ready, v_seq)
        order by 0 - t.priority, t.ready_at, t.seq limit v_walk) a
      order by a.rank, a.ready_at, a.seq limit v_walk),
    named as (
      select distinct s.scope, s.name
      from (select distinct a.type, a.queue, a.limit_key from ahead a where a.type = any(p_types)) a
        cross join lateral (values ('type', a.type), ('queue', a.queue), ('key', a.limit_key)) s(scope, name)
      where s.name is not null),
    limits as materialized (
      select jsonb_object_agg(n.scope || ':' || n.name, l.room) as rooms, min(l.free_at) filter (where l.free_at > v_now) as free_at
      from named n ${limitOf(name, "n.scope", "n.name", "l")} where l.room < ${ENOUGH}),
    judged as (
      select a.*, (l.rooms ->> ('type:' || a.type))::int as type_room, (l.rooms ->> ('queue:' || a.queue))::int as queue_room,
        (l.rooms ->> ('key:' || a.limit_key))::int as key_room
      from ahead a cross join limits l where a.type = any(p_types)),
    fitting as (
      select id, place, ${fits("type", "type_room")} and ${fits("queue", "queue_room")} and ${fits("limit_key", "key_room")} as fits
      from judged where coalesce(least(type_room, queue_room, key_room), 1) > 0),
    enough as (
      select f.*, count(*) filter (where f.fits) over (order by f.place) as fit_so_far from fitting f)
    select (select count(*) from ahead), ${last("rank")}, ${last("ready_at")}, ${last("seq")},
      (select l.free_at from limits l), array_agg(e.id), coalesce(array_agg(e.id) filter (where e.fits), '{}')
    into v_walked, v_last_rank, v_last_ready, v_last_seq, v_next, v_ids, v_fit
    -- Somebody else may be taking the first of them.
    from enough e where e.fit_so_far <= 2 * p_limit + 10;`;
}

/**
 * Looks behind those, from group to group of queue, type and key by the index, for when many wait whose limits are
 * full. A group gives at most what is still wanted when each before it gave one.
 */
export function limitedByGroup(name: SchemaNames): string {
  return `    v_wanted := p_limit - cardinality(v_fit);
    v_taken := ${countsOf(`select t.type, t.queue, t.limit_key, count(*) as n from ${name("task")} t
        where t.id = any(v_fit) group by t.type, t.queue, t.limit_key`)};
    with recursive pair as (
${pairs(name)}),
    free as materialized (
      select p.queue, p.type, least(tl.room, ql.room) as room, least(tl.free_at, ql.free_at) as free_at
      from pair p
      ${limitOf(name, "'type'", "p.type", "tl")}
      ${limitOf(name, "'queue'", "p.queue", "ql")}
      where p.queue = any(p_queues) and p.type = any(p_types)),
    keyed as (
      select o.queue, o.type, o.room, f.* from free o cross join lateral (${firstOfKey(name, "o", "is not null")}) f
        where o.room > 0
      union all
      select k.queue, k.type, k.room, f.* from keyed k cross join lateral (${firstOfKey(name, "k", "> k.limit_key")}) f),
    grouped as materialized (
      select k.queue, k.type, k.limit_key, k.rank, k.ready_at, k.seq, least(k.room, kl.room) as room, kl.free_at
      from keyed k ${limitOf(name, "'key'", "k.limit_key", "kl")}
      union all
      select o.queue, o.type, f.limit_key, f.rank, f.ready_at, f.seq, o.room, null
      from free o cross join lateral (${firstOfKey(name, "o", "is null")}) f where o.room > 0),
    best as (
      select g.*, row_number() over (partition by g.queue, g.type order by g.rank, g.ready_at, g.seq)::int as place
      from grouped g where g.room > 0 and (g.rank, g.ready_at, g.seq) < (v_rank, v_ready, v_seq))
    select v_ids || array_agg(c.id), least(v_next, (select min(free_at) from free), (select min(free_at) from grouped))
    into v_ids, v_next
    from best b cross join lateral (
      ${firstOfGroup(name, "t.limit_key = b.limit_key")}
      union all
      ${firstOfGroup(name, "t.limit_key is null and b.limit_key is null")}) c
    where b.place <= v_wanted;`;
}

const behind = "(-t.priority, t.ready_at, t.seq) > (v_last_rank, v_last_ready, v_last_seq)";

/** Each queue and type that a limited task waits in. */
function pairs(name: SchemaNames): string {
  const first = (condition: string): string => `(select t.queue, t.type from ${name("task")} t
        where t.state = 'pending' and t.turn = 'limited' and ${condition} order by t.queue, t.type limit 1)`;
  return `      ${first("true")}
      union all
      select n.* from pair p cross join lateral ${first("(t.queue, t.type) > (p.queue, p.type)")} n`;
}

function firstOfKey(name: SchemaNames, pair: string, key: string): string {
  return `
        select t.limit_key, -t.priority as rank, t.ready_at, t.seq from ${name("task")} t
        where t.state = 'pending' and t.turn = 'limited' and t.queue = ${pair}.queue and t.type = ${pair}.type
          and t.limit_key ${key} and ${behind}
        order by t.limit_key, -t.priority, t.ready_at, t.seq limit 1`;
}

function firstOfGroup(name: SchemaNames, isOfKey: string): string {
  return `(select t.id from ${name("task")} t
        where t.state = 'pending' and t.turn = 'limited' and t.queue = b.queue and t.type = b.type and ${isOfKey} and ${behind}
        order by t.limit_key, -t.priority, t.ready_at, t.seq limit least(b.room, v_wanted - b.place + 1))`;
}

/**
 * Joins the limit of a name, one by one: by index, whatever is thought of how many limits there are. A paused key has
 * no room. `free_at` is when its rate lets the next start, if that is later.
 */
function limitOf(name: SchemaNames, scope: string, named: string, alias: string): string {
  return `cross join lateral (
        select coalesce(min(l.room), ${ENOUGH}) as room, min(l.free_at) filter (where l.free_at > v_now) as free_at from (
          select ${roomOf("l", "v_taken")} as room, l.free_at
          from ${name("task_limit")} l where l.scope = ${scope} and l.name = ${named}
          union all
          select 0, null from ${name("task_pause")} z where z.scope = 'key' and ${scope} = 'key' and z.name = ${named}) l) ${alias}`;
}

/** Sums up groups as JSON of `scope:name`. */
function countsOf(groups: string): string {
  return `(select coalesce(jsonb_object_agg(s.scope || ':' || s.name, s.n), '{}') from (
      select s.scope, s.name, sum(g.n) as n from (${groups}) g
      cross join lateral (values ('type', g.type), ('queue', g.queue), ('key', g.limit_key)) s(scope, name)
      where s.name is not null group by s.scope, s.name) s)`;
}
