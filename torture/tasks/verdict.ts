import type { Database } from "@core/database";
import { sql } from "kysely";
import { patiently } from "./patiently.ts";
import type { Offence, Rule } from "./verdict-rules.ts";
import { verdictRules } from "./verdict-rules.ts";

export interface Verdict {
  readonly counts: VerdictCounts;
  /** What must never be; each with the story of the first task that shows it. */
  readonly faults: readonly string[];
}

interface VerdictCounts {
  readonly tasks: number;
  readonly complete: number;
  readonly failed: number;
  /** Times that a handler ran. */
  readonly runs: number;
  /** Claims that were taken from workers that were dead. */
  readonly takenOver: number;
  /** Claims that their worker gave back itself, to stop or to try again later. */
  readonly putBack: number;
  /** Runs that came to their end, unaware, after their claim was taken over: what they gave was refused. */
  readonly late: number;
}

const EXAMPLES = 3;

/** Judges by the tables alone, once all work has come to its end. */
export async function judge(database: Database, ids: readonly string[]): Promise<Verdict> {
  const faults: string[] = [];
  for (const rule of verdictRules(ids)) faults.push(...(await faultsOf(rule, database)));
  return { counts: await count(database), faults };
}

async function faultsOf({ name, offences }: Rule, database: Database): Promise<readonly string[]> {
  const { rows } = await patiently(() => offences.execute(database.kysely));
  const shown = rows.slice(0, EXAMPLES).map(({ task_id, detail }) => `${name}: task ${task_id} ${detail}`);
  const more = rows.length > EXAMPLES ? [`${name}: ${rows.length - EXAMPLES} more tasks`] : [];
  return [...shown, ...more, ...(await storyOf(rows[0], database))];
}

/** All that is known of one task, a line for each step and run. */
async function storyOf(offence: Offence | undefined, database: Database): Promise<readonly string[]> {
  if (offence === undefined) return [];
  const { rows } = await sql<{ line: string }>`
    select format('    %s %s', to_char(at, 'HH24:MI:SS.MS'), what) as line from (
      select at, format('%s to %s, attempt %s, fence %s, by %s%s', kind, to_state, attempt, fence, app,
        case when holder_lives then ', holder alive' end) as what
      from torture.step where task_id = ${offence.task_id}::uuid
      union all
      select started_at, format('run %s begins in %s, attempt %s', token, app, attempt)
      from torture.run where task_id = ${offence.task_id}::uuid
      union all
      select finished_at, format('run %s ends%s', token, case when aborted then ', told to' end)
      from torture.run where task_id = ${offence.task_id}::uuid and finished_at is not null) s
    order by at`.execute(database.kysely);
  return rows.map(({ line }) => line);
}

async function count(database: Database): Promise<VerdictCounts> {
  const { rows } = await sql<VerdictCounts>`select
    (select count(*) from tasks.task) as tasks,
    (select count(*) from tasks.task where state = 'complete') as complete,
    (select count(*) from tasks.task where state = 'failed') as failed,
    (select count(*) from torture.run) as runs,
    (select count(*) from torture.takeover) as "takenOver",
    (select count(*) from torture.ending e where to_state = 'pending'
      and not exists (select 1 from torture.takeover o where o.serial = e.serial)) as "putBack",
    (select count(*) from torture.claimed_run r join torture.takeover e using (task_id, fence)
      where r.finished_at > e.at and not r.aborted) as late`.execute(database.kysely);
  const [counts] = rows;
  if (counts === undefined) throw new Error("The tables of the suite could not be counted.");
  return counts;
}
