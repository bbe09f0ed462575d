import type { ScheduleRule } from "@core/tasks";
import type { WallMinute } from "./wall-clock.ts";
import { fieldsOf, wallMinutes } from "./wall-clock.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: MINUTE_MS, h: 3_600_000, d: DAY_MS };

/**
 * The occurrences of a rule after its creation and up to a moment, by brute force: an interval by adding, cron by
 * looking at every minute. It knows of cron what the plans of this suite use: `*`, steps, ranges, lists and numbers.
 */
export function occurrencesByForce(rule: ScheduleRule, created: number, until: number): readonly number[] {
  const { every, cron, timezone = "UTC", starts_at: start, ends_at: end } = rule;
  const all =
    every === undefined
      ? cronTimes(cron ?? "", timezone, created, until)
      : intervalTimes(every, start?.getTime() ?? null, created, until);
  return all.filter(
    (at) => at > created && at <= until && at >= Number(start ?? at) && at <= Number(end ?? at),
  );
}

function intervalTimes(every: string, start: number | null, created: number, until: number): number[] {
  const [, count = "0", unit = "m"] = /^\+(\d+)(\w)$/.exec(every) ?? [];
  const step = Number(count) * (unitMs[unit] ?? Number.NaN);
  const times: number[] = [];
  for (let at = start ?? created + step; at <= until; at += step) times.push(at);
  return times;
}

function cronTimes(cron: string, timezone: string, created: number, until: number): number[] {
  const fields = cron.split(" ");
  const [second = "0", minute = "", hour = "", day = "", month = "", weekday = ""] =
    fields.length === 6 ? fields : ["0", ...fields];
  const fits = (shown: Omit<WallMinute, "at">): boolean =>
    matches(minute, shown.minute) &&
    matches(hour, shown.hour) &&
    matches(day, shown.day) &&
    matches(month, shown.month) &&
    matches(weekday, shown.weekday);
  const isFixed = ![second, minute, hour].some((field) => /[*/]/.test(field));
  // From two days before, to know which times have been shown already.
  const minutes = wallMinutes(timezone, created - 2 * DAY_MS, until);
  const seconds = Array.from({ length: 60 }, (_, n) => n).filter((n) => matches(second, n));
  const chosen = isFixed ? fixedMinutes(minutes, fits) : minutes.filter(fits).map(({ at }) => at);
  return chosen.flatMap((at) => seconds.map((n) => at + n * 1_000));
}

/** Each time that is shown counts once; those that are never shown count at the first moment after them. */
function fixedMinutes(
  minutes: readonly WallMinute[],
  fits: (shown: Omit<WallMinute, "at">) => boolean,
): number[] {
  const times = new Set<number>();
  let latest = (minutes[0]?.shown ?? 0) - MINUTE_MS;
  for (const minute of minutes) {
    for (let left = latest + MINUTE_MS; left < minute.shown; left += MINUTE_MS) {
      if (fits(fieldsOf(left))) times.add(minute.at);
    }
    if (minute.shown > latest && fits(minute)) times.add(minute.at);
    latest = Math.max(latest, minute.shown);
  }
  return [...times];
}

function matches(field: string, value: number): boolean {
  return field.split(",").some((part) => {
    const [range = "", step = "1"] = part.split("/");
    const [low = "0", high = low] = range === "*" ? ["0", "99"] : range.split("-");
    return value >= Number(low) && value <= Number(high) && (value - Number(low)) % Number(step) === 0;
  });
}
