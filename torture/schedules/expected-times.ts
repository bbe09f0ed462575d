import type { MissedPolicy, ScheduleRule } from "@core/tasks";
import { occurrencesByForce } from "./occurrences.ts";

/** What a schedule of the suite says, but for its task. */
export interface PlannedSchedule extends ScheduleRule {
  readonly name: string;
  readonly missed: MissedPolicy;
  readonly max_missed: number;
}

const GRACE_MS = 60_000;

/**
 * When a schedule has to have made its tasks, if somebody came to it at each of `looks` and at no other time: what is
 * more overdue than a minute by then was missed.
 */
export function expectedTimes(
  schedule: PlannedSchedule,
  created: number,
  looks: readonly number[],
): readonly number[] {
  const all = occurrencesByForce(schedule, created, looks.at(-1) ?? created);
  const times: number[] = [];
  let place = 0;
  for (const look of looks) {
    const due: number[] = [];
    for (let at = all[place]; at !== undefined && at <= look; at = all[(place += 1)]) due.push(at);
    times.push(...kept(schedule, due, look));
  }
  return times;
}

function kept({ missed, max_missed }: PlannedSchedule, due: readonly number[], look: number): number[] {
  const late = due.filter((at) => look - at > GRACE_MS);
  const inTime = due.filter((at) => look - at <= GRACE_MS);
  if (late.length === 0 || missed === "skip") return inTime;
  return missed === "run_once" ? due.slice(-1) : [...late.slice(-max_missed), ...inTime];
}
