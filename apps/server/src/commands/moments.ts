import { UsageError } from "./command.ts";

const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Reads a length of time such as `30d`, in milliseconds. @throws UsageError naming the option */
export function readDuration(option: string, text: string): number {
  const [, count = "", unit = ""] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const unitMs = units[unit];
  if (unitMs === undefined)
    throw new UsageError(`${option}: "${text}" is no length of time. Write it as 90s, 30m, 12h, 7d or 4w.`);
  return Number(count) * unitMs;
}

/** Reads a moment: a date, or a length of time, which is so long ago. @throws UsageError naming the option */
export function readMoment(option: string, text: string, now: number): Date {
  if (/^\d{1,6}[smhdw]$/.test(text)) return new Date(now - readDuration(option, text));
  const date = new Date(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(date.getTime())) return date;
  throw new UsageError(
    `${option}: "${text}" is no moment. Write a date like 2030-01-31 or 2030-01-31T08:00:00Z, or how long ago, like 2h.`,
  );
}

/** A length of time for people, in its largest fitting unit. */
export function shownDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const [unit = "s", unitMs = 1_000] =
    Object.entries(units)
      .filter(([name]) => name !== "w")
      .findLast(([, length]) => ms >= length) ?? [];
  return `${(ms / unitMs).toFixed(1).replace(/\.0$/, "")} ${unit}`;
}
