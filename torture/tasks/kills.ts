import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import type { Fleet } from "./fleet.ts";
import { comesTrue, patiently } from "./patiently.ts";
import { seededRandom } from "./random.ts";
import { workFor } from "./task-mix.ts";
import type { TaskQueue } from "./task-queue.ts";
import type { Report } from "./trial.ts";
import { runTrial } from "./trial.ts";
import type { Timing } from "./worker-plan.ts";

export interface KillsOptions {
  readonly url: string;
  readonly tasks: number;
  readonly workers: number;
  /** The longest work of a task; the mean is half of it. */
  readonly workMs: number;
  readonly timing: Timing;
  /** When to kill: after so long, again and again, or so many times over the work. */
  readonly pace: { readonly everyMs: number } | { readonly times: number };
  readonly random?: () => number;
  readonly onProgress?: (line: string) => void;
}

interface Kill {
  readonly app: string;
  readonly at: Date;
}

/**
 * Kills one worker after another with -9 while they work off the tasks, and starts another in its place, under
 * another id. Each task has to be complete and to have run once but for what was in hand at the kills.
 */
export async function runKills(options: KillsOptions): Promise<Report> {
  const { tasks, workMs, random = seededRandom(1), onProgress = () => undefined } = options;
  const kills: Kill[] = [];
  const report = await runTrial({
    ...options,
    async ordeal(queue, fleet) {
      await queue.add(Array.from({ length: tasks }, () => workFor(workMs * random())));
      while (await isTimeToKill(queue, options, kills.length)) {
        kills.push(await killOne(queue, fleet, kills.length % fleet.size));
        onProgress(`${kills.length} kills, ${(await queue.progress()).open} tasks to go`);
      }
      return { counts: { kills: kills.length }, faults: fleet.surprises() };
    },
    measure: (queue) => waitsOf(queue, kills),
  });
  const { runs = 0, takenOver = 0 } = report.counts;
  const excess = runs - tasks - takenOver;
  const fault = `too many runs: ${runs} for ${tasks} tasks, of which ${takenOver} were in hand at a kill`;
  return excess > 0 ? { ...report, faults: [...report.faults, fault] } : report;
}

async function isTimeToKill(
  queue: TaskQueue,
  { pace, tasks }: KillsOptions,
  kills: number,
): Promise<boolean> {
  if ("everyMs" in pace) {
    await sleep(pace.everyMs);
    return (await queue.progress()).open > 0;
  }
  if (kills === pace.times) return false;
  const rest = tasks * (1 - (kills + 1) / (pace.times + 1));
  return comesTrue(async () => (await queue.progress()).open <= rest);
}

async function killOne({ database }: TaskQueue, fleet: Fleet, place: number): Promise<Kill> {
  const child = fleet.at(place);
  await child.kill();
  const { rows } = await patiently(() =>
    sql<{ at: Date }>`select clock_timestamp() as at`.execute(database.kysely),
  );
  await fleet.start({ place });
  return { app: child.app, at: rows[0]?.at ?? new Date(0) };
}

/**
 * How long it took from a kill until the killed worker's tasks were taken back, and until a handler ran them elsewhere.
 * What the next worker lost by a kill of its own before it began counts from that one.
 */
async function waitsOf({ database }: TaskQueue, kills: readonly Kill[]): Promise<Report["counts"]> {
  const list = JSON.stringify(kills);
  const { rows } = await sql<Record<"inHand" | "backMs" | "p50Ms" | "p99Ms" | "maxMs", number | null>>`
    with wait as (
      select o.at - k.at as back, (
        select r.started_at from torture.step c left join torture.claimed_run r using (task_id, fence)
        where c.task_id = o.task_id and c.kind = 'claim' and c.serial > o.serial order by c.serial limit 1) - k.at as run
      from jsonb_to_recordset(${list}::text::jsonb) as k (app text, at timestamptz)
      join torture.takeover o on o.claimer = k.app),
    ms as (select extract(epoch from back) * 1000 as back, extract(epoch from run) * 1000 as run from wait)
    select count(*) as "inHand", round(max(back))::int as "backMs",
      round(percentile_cont(0.5) within group (order by run))::int as "p50Ms",
      round(percentile_cont(0.99) within group (order by run))::int as "p99Ms", round(max(run))::int as "maxMs"
    from ms`.execute(database.kysely);
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, figure]) => [name, figure ?? 0]));
}
