import { Cron } from "croner";
import type { ScheduleRow } from "./schedule.ts";

/** When a schedule's occurrences are. */
export type Rhythm = Pick<ScheduleRow, "every" | "cron" | "timezone" | "starts_at" | "ends_at" | "anchor_at">;

/** The first occurrence after a moment; null: there is none. */
export type NextOccurrence = (after: Date) => Date | null;

/** Beyond it, databases and time zones each have their own calendar. */
const LAST_MOMENT = Date.UTC(2200, 0, 1) - 1;

/** Reads a rhythm once, for many questions. @throws Error for a rule that was never checked */
export function occurrencesOf(rhythm: Rhythm): NextOccurrence {
  const next = rhythm.every === null ? cronOccurrences(rhythm) : intervalOccurrences(rhythm);
  const last = rhythm.ends_at?.getTime() ?? LAST_MOMENT;
  return (after) => {
    const at = next(after.getTime());
    return at === null || at > last ? null : new Date(at);
  };
}

/** The length of an interval such as `+30m`, in milliseconds; null when it is no interval. */
export function intervalMs(every: string): number | null {
  const [, count, unit] = /^\+(\d{1,9})([smhdw])$/.exec(every) ?? [];
  return unit === undefined ? null : Number(count) * (unitMs[unit] ?? 0);
}

/**
 * Reads a cron expression of five or six fields. A time of day without wildcard or step that a change of the clocks
 * leaves out comes right after the gap, and one that occurs twice comes once; all others go by what the clock shows.
 * @throws Error that says what is wrong with it
 */
export function readCron(cron: string, timezone: string): Cron {
  const fields = cron.trim().split(/\s+/).length;
  if (fields !== 5 && fields !== 6) throw new Error(`It has ${cron.trim() === "" ? 0 : fields} fields.`);
  return new Cron(cron.trim(), { timezone, mode: "5-or-6-parts", fixedTimeRule: "no-wildcard" });
}

const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Counted from the anchor, so that no lateness adds up. */
function intervalOccurrences({ every, starts_at, anchor_at }: Rhythm): (after: number) => number {
  const lengthMs = intervalMs(every ?? "");
  if (lengthMs === null || lengthMs === 0) throw new Error(`"${every}" is no interval.`);
  const anchor = anchor_at.getTime();
  const first = starts_at === null ? 1 : 0;
  return (after) => anchor + lengthMs * Math.max(first, Math.floor((after - anchor) / lengthMs) + 1);
}

function cronOccurrences({ cron, timezone, starts_at }: Rhythm): (after: number) => number | null {
  const times = readCron(cron ?? "", timezone ?? "UTC");
  const beforeFirst = starts_at === null ? Number.NEGATIVE_INFINITY : starts_at.getTime() - 1;
  return (after) => times.nextRun(new Date(Math.max(after, beforeFirst)))?.getTime() ?? null;
}
