import type { Database } from "@core/database";
import { sql } from "kysely";
import type { Report } from "../tasks/trial.ts";
import type { PlannedSchedule } from "./expected-times.ts";
import { expectedTimes } from "./expected-times.ts";

const EXAMPLES = 3;

/** Compares the tasks that were made with those that had to be, and what the schedules say of themselves. */
export async function judgeSchedules(
  database: Database,
  plan: readonly PlannedSchedule[],
  created: number,
  looks: readonly number[],
): Promise<Report> {
  const made = await timesMade(database);
  const faults = [...(await selfReportFaults(database))];
  let [missing, duplicates, unexpected] = [0, 0, 0];
  for (const schedule of plan) {
    const found = made.get(schedule.name) ?? [];
    const expected = expectedTimes(schedule, created, looks);
    const absent = expected.filter((at) => !found.includes(at));
    const twice = found.filter((at, place) => found.indexOf(at) !== place);
    const strange = found.filter((at) => !expected.includes(at));
    missing += absent.length;
    duplicates += twice.length;
    unexpected += strange.length;
    const say = (what: string, times: readonly number[]): readonly string[] =>
      times.length === 0 ? [] : [`${what}: ${describe(schedule)} at ${shown(times)}`];
    faults.push(...say("missing", absent), ...say("twice", twice), ...say("unexpected", strange));
  }
  const tasks = [...made.values()].reduce((sum, times) => sum + times.length, 0);
  return { counts: { schedules: plan.length, tasks, missing, duplicates, unexpected }, faults };
}

async function timesMade({ kysely }: Database): Promise<ReadonlyMap<string, readonly number[]>> {
  const { rows } = await sql<{ name: string; times: readonly number[] }>`
    select b.payload #>> '{}' as name,
      json_agg((extract(epoch from t.scheduled_at) * 1000)::bigint order by t.scheduled_at) as times
    from tasks.task t join tasks.task_body b on b.task_id = t.id group by 1`.execute(kysely);
  return new Map(rows.map(({ name, times }) => [name, times]));
}

/** A schedule that has failed, or that counts other tasks than there are. */
async function selfReportFaults({ kysely }: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ fault: string }>`
    select format('%s says: %s tasks of %s, %s failed, %s', s.name, s.run_count, count(t.id), s.failed_count,
      s.last_error) as fault
    from tasks.schedule s left join tasks.task t on t.idempotency_key like 'schedule:' || s.id || ':%'
    group by s.id having s.run_count <> count(t.id) or s.failed_count > 0`.execute(kysely);
  return rows.map(({ fault }) => fault);
}

function describe({ name, every, cron, timezone, missed, max_missed: most }: PlannedSchedule): string {
  return `${name} (${every ?? `${cron} ${timezone}`}, ${missed} ${most})`;
}

function shown(times: readonly number[]): string {
  const examples = times.slice(0, EXAMPLES).map((at) => new Date(at).toISOString());
  return [...examples, ...(times.length > EXAMPLES ? [`${times.length - EXAMPLES} more`] : [])].join(", ");
}
