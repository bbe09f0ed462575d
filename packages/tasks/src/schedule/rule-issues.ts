import type { FieldIssue } from "@core/registry";
import { messageOf } from "../thrown-value.ts";
import { intervalMs, readCron } from "./rhythm.ts";

const LONGEST_MS = 10 * 366 * 24 * 60 * 60 * 1_000;

/** What is wrong with an interval. */
export function everyIssues(every: unknown): readonly FieldIssue[] {
  const ms = typeof every === "string" ? intervalMs(every) : null;
  const given = JSON.stringify(every);
  if (ms === null)
    return [issue("every", `${given} is no interval. Give + and a number of s, m, h, d or w, such as +30m.`)];
  if (ms === 0) return [issue("every", `${given} would never end. Give at least +1s, such as +30m.`)];
  if (ms > LONGEST_MS) return [issue("every", `${given} is longer than ten years. Give less.`)];
  return [];
}

/** What is wrong with a time zone, which only cron has. */
export function timezoneIssues(timezone: unknown, isInterval: boolean): readonly FieldIssue[] {
  if (timezone === undefined) return [];
  if (isInterval)
    return [issue("timezone", "An interval is the same in all time zones. Remove it, or use cron.")];
  if (typeof timezone === "string" && isTimezone(timezone)) return [];
  const given = JSON.stringify(timezone);
  return [issue("timezone", `${given} is no time zone. Give a name such as Europe/Berlin, or UTC.`)];
}

/** What is wrong with a cron expression, whatever its time zone. */
export function cronIssues(cron: unknown): readonly FieldIssue[] {
  if (typeof cron !== "string") return [issue("cron", `Give a text. ${howCronIs}`)];
  try {
    // From a fixed day, so that it does not depend on today.
    if (readCron(cron, "UTC").nextRun(new Date(0)) !== null) return [];
    return [issue("cron", `"${cron}" never comes: no month has that day. Correct the day or the month.`)];
  } catch (error) {
    const reason = messageOf(error)
      .replace(/^CronPattern: /, "")
      .replace(/\.?$/, ".");
    return [issue("cron", `"${cron}" is no cron expression. ${reason} ${howCronIs}`)];
  }
}

const howCronIs =
  "Give five fields (minute, hour, day, month, weekday), or six with the second in front, such as 0 9 * * 1-5.";

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function issue(field: string, message: string): FieldIssue {
  return { field, message };
}
