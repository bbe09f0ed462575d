import type { RawBuilder } from "kysely";
import { sql } from "kysely";

/** A task that breaks a rule, and how. */
export interface Offence {
  readonly task_id: string;
  readonly detail: string;
}

export interface Rule {
  readonly name: string;
  readonly offences: RawBuilder<Offence>;
}

/** What must hold of tasks whose work has come to its end; `ids` were acknowledged, in the order of making. */
export function verdictRules(ids: readonly string[]): readonly Rule[] {
  const given = sql`unnest(${[...ids]}::uuid[]) with ordinality as given (id, place)`;
  return [
    {
      name: "lost",
      offences: sql`select id as task_id, 'was acknowledged and is not there' as detail from ${given}
        where not exists (select 1 from tasks.task t where t.id = given.id)`,
    },
    { name: "stuck", offences: stuck },
    { name: "wrong end", offences: wrongEnd },
    { name: "ended more than once", offences: endedTwice },
    { name: "result twice", offences: resultTwice },
    { name: "result of an older run", offences: foreignResult },
    { name: "stale write", offences: staleWrite },
    { name: "taken from the living", offences: takenFromTheLiving },
    { name: "fence given twice", offences: repeatedFence },
    { name: "too many attempts", offences: tooManyAttempts },
    { name: "ran without a claim", offences: unclaimedRun },
    { name: "two live runs", offences: twoLiveRuns },
    { name: "lane with two claims", offences: laneHeldTwice },
    { name: "lane out of order", offences: laneOutOfOrder },
    {
      name: "lane numbered out of order",
      offences: sql`select id as task_id, 'has a lower number than one made before it' as detail from (
        select t.id, t.seq, lag(t.seq) over (partition by t.lane order by given.place) as earlier
        from tasks.task t join ${given} using (id) where t.lane is not null) o
        where o.seq < o.earlier`,
    },
  ];
}

const stuck = sql<Offence>`
  select id as task_id, format('is %s after %s attempts', state, attempt) as detail from tasks.task
  where state not in ('complete', 'failed', 'cancelled')`;

const wrongEnd = sql<Offence>`
  select t.id as task_id, format('of type %s is %s %s', t.type, t.state, t.failure_code) as detail from tasks.task t
  where t.state in ('complete', 'failed', 'cancelled') and not case t.type
    when 'refused' then t.state = 'failed' and t.failure_code = 'non_retryable'
    when 'pressing' then t.state = 'complete' or t.failure_code = 'lease_lost'
    else t.state = 'complete' end`;

const endedTwice = sql<Offence>`
  select task_id, format('left its end %s times', count(*)) as detail from torture.step s
  where exists (select 1 from torture.step e where e.task_id = s.task_id and e.kind = 'end'
    and e.to_state in ('complete', 'failed') and e.serial < s.serial)
  group by task_id`;

const resultTwice = sql<Offence>`
  select (content ->> 'task')::uuid as task_id, format('has %s results', count(*)) as detail from tasks.body
  where jsonb_typeof(content) = 'object' and content ? 'run' group by content ->> 'task' having count(*) > 1`;

/** The result was made by a run under the last claim, in the process that made the claim. */
const foreignResult = sql<Offence>`
  select t.id as task_id, format('has the result %s; its last claim is of %s', r.content, c.app) as detail
  from tasks.task t
  left join lateral (select s.app, s.at from torture.step s where s.task_id = t.id and s.kind = 'claim'
    order by s.fence desc limit 1) c on true
  left join torture.result r on r.task_id = t.id
  left join torture.run u on u.token = (r.content ->> 'run')::uuid and u.task_id = t.id
    and u.app = c.app and u.attempt = t.attempt and u.started_at >= c.at
  where t.state = 'complete' and u.token is null`;

/** Only who made the claim may end its run; others may take it back, which is the rule after this one. */
const staleWrite = sql<Offence>`
  select task_id, format('claim %s of %s was ended as %s by %s', fence, claimer, to_state, app) as detail
  from torture.ending
  where app <> claimer and to_state <> 'pending' and failure_code is distinct from 'lease_lost'
  union all
  select e.task_id, format('claim %s was ended as %s after a later claim', e.fence, e.to_state)
  from torture.step e join torture.step c using (task_id)
  where e.kind = 'end' and c.kind = 'claim' and c.fence > e.fence and c.serial < e.serial`;

const takenFromTheLiving = sql<Offence>`
  select task_id, format('claim %s of %s was taken back by %s while its heart was beating', fence, claimer, app) as detail
  from torture.takeover where app <> claimer and holder_lives`;

const repeatedFence = sql<Offence>`
  select task_id, format('fence %s was given %s times', fence, count(*)) as detail from torture.step
  where kind = 'claim' group by task_id, fence having count(*) > 1`;

const tooManyAttempts = sql<Offence>`
  select id as task_id, format('had %s attempts of %s', attempt, max_attempts) as detail from tasks.task
  where attempt > max_attempts`;

const unclaimedRun = sql<Offence>`
  select task_id, format('ran %s times in %s, which claimed it %s times', r.runs, app, coalesce(c.claims, 0)) as detail
  from (select task_id, app, count(*) as runs from torture.run group by task_id, app) r
  left join (select task_id, app, count(*) as claims from torture.step where kind = 'claim' group by task_id, app) c
    using (task_id, app)
  where r.runs > coalesce(c.claims, 0)`;

/**
 * Two runs of one task, or of one lane, at once. It is no fault when the earlier one was told to stop, or when either
 * one's claim had been taken over by then: the rule of the living judges that.
 */
const twoLiveRuns = sql<Offence>`
  select b.task_id, format('ran in %s while task %s ran in %s', b.app, a.task_id, a.app) as detail
  from torture.claimed_run a join torture.claimed_run b on a.line = b.line and a.token <> b.token
  where a.started_at <= b.started_at and a.finished_at > b.started_at and not a.aborted
    and not exists (select 1 from torture.takeover e where e.at <= b.started_at
      and (e.task_id, e.fence) in ((a.task_id, a.fence), (b.task_id, b.fence)))`;

const laneHeldTwice = sql<Offence>`
  select task_id, format('was claimed while task %s of lane %s was running', earlier, lane) as detail from (
    select task_id, lane, kind, lag(kind) over line as before, lag(task_id) over line as earlier
    from torture.step where lane is not null and kind <> 'move' window line as (partition by lane order by serial)) s
  where kind = 'claim' and before = 'claim'`;

const laneOutOfOrder = sql<Offence>`
  select task_id, format('of lane %s was claimed after one that was made later', lane) as detail from (
    select task_id, lane, seq, lag(seq) over (partition by lane order by serial) as earlier
    from torture.step where lane is not null and kind = 'claim') s
  where seq < earlier`;
