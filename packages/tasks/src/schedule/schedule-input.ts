import type { FieldIssue } from "@core/registry";
import { invalidSchedule } from "../errors.ts";
import { hasLengthOfName, NAME_LIMIT, unknownFields } from "../field-issues.ts";
import { unstorableText } from "../store/storable-text.ts";
import { cronIssues, everyIssues, timezoneIssues } from "./rule-issues.ts";
import type { Schedule, ScheduleInput, ScheduleRule } from "./schedule.ts";
import { missedPolicies } from "./schedule.ts";

/** What its maker says of a schedule, with nothing left open. */
export type ScheduleContent = Pick<
  Schedule,
  "name" | "every" | "cron" | "timezone" | "starts_at" | "ends_at" | "missed" | "max_missed" | "task"
>;

/** The part of it that says when. */
export type RuleContent = Pick<ScheduleContent, "every" | "cron" | "timezone" | "starts_at" | "ends_at">;

const ruleFields: readonly string[] = ["every", "cron", "timezone", "starts_at", "ends_at"];
const otherFields: readonly string[] = ["name", "missed", "max_missed", "task"];

/** Fields of a task that a schedule sets itself. */
const fieldsOfItsOwn = ["scheduled_at", "delay_ms", "idempotency_key", "reason"];

const MOST_MISSED = 1_000;
const FIRST_DATE = Date.UTC(1970, 0, 1);
const LAST_DATE = Date.UTC(2200, 0, 1);

/**
 * Checks all but what is inside of the task.
 * @throws TasksError SCHEDULE_INVALID naming every wrong field
 */
export function scheduleContent(input: ScheduleInput, refusal: string): ScheduleContent {
  const { name, missed, max_missed, task, ...rule } = input;
  const issues = [
    ...unknownFields(input, [...ruleFields, ...otherFields]),
    ...nameIssues(name),
    ...ruleIssues(rule),
    ...missedIssues(missed),
    ...maxMissedIssues(max_missed),
    ...taskIssues(task),
  ];
  if (issues.length > 0) throw invalidSchedule(refusal, issues);
  return {
    ...ruleOf(rule),
    name: name ?? null,
    missed: missed ?? "run_once",
    max_missed: max_missed ?? 100,
    task,
  };
}

/** @throws TasksError SCHEDULE_INVALID naming every wrong field */
export function ruleContent(rule: ScheduleRule, refusal: string): RuleContent {
  const issues = [...unknownFields(rule, [...ruleFields, ...otherFields]), ...ruleIssues(rule)];
  if (issues.length > 0) throw invalidSchedule(refusal, issues);
  return ruleOf(rule);
}

function ruleOf({ every, cron, timezone, starts_at, ends_at }: ScheduleRule): RuleContent {
  return {
    every: every ?? null,
    cron: cron?.trim() ?? null,
    timezone: cron === undefined ? null : (timezone ?? "UTC"),
    starts_at: starts_at ?? null,
    ends_at: ends_at ?? null,
  };
}

function ruleIssues(rule: ScheduleRule): readonly FieldIssue[] {
  const { every, cron, timezone, starts_at: startsAt, ends_at: endsAt } = rule;
  if ((every === undefined) === (cron === undefined)) {
    return [issue(every === undefined ? "every" : "every, cron", 'Give one of every ("+30m") and cron.')];
  }
  const dates = [...dateIssues("starts_at", startsAt), ...dateIssues("ends_at", endsAt)];
  const isUpsideDown = dates.length === 0 && startsAt && endsAt && endsAt < startsAt;
  return [
    ...(every === undefined ? [] : everyIssues(every)),
    ...timezoneIssues(timezone, every !== undefined),
    ...(cron === undefined ? [] : cronIssues(cron)),
    ...dates,
    ...(isUpsideDown ? [issue("ends_at", "It lies before starts_at. Give a later date.")] : []),
  ];
}

function dateIssues(field: string, value: Date | undefined): readonly FieldIssue[] {
  if (value === undefined) return [];
  const time = value instanceof Date ? value.getTime() : Number.NaN;
  if (time >= FIRST_DATE && time < LAST_DATE) return [];
  return [issue(field, `Give a Date from 1970 to 2199, or leave ${field} out.`)];
}

function nameIssues(name: unknown): readonly FieldIssue[] {
  if (name === undefined) return [];
  if (hasLengthOfName(name)) return unstorableText(name, "name");
  return [issue("name", `Give 1 to ${NAME_LIMIT} characters, or leave name out.`)];
}

function missedIssues(missed: unknown): readonly FieldIssue[] {
  if (missed === undefined || missedPolicies.some((one) => one === missed)) return [];
  return [issue("missed", `Give one of ${missedPolicies.join(", ")}, or leave missed out.`)];
}

function maxMissedIssues(count: unknown): readonly FieldIssue[] {
  if (count === undefined) return [];
  if (Number.isInteger(count) && Number(count) >= 1 && Number(count) <= MOST_MISSED) return [];
  return [issue("max_missed", `Give a whole number from 1 to ${MOST_MISSED}, or leave max_missed out.`)];
}

function taskIssues(task: unknown): readonly FieldIssue[] {
  if (typeof task !== "object" || task === null || Array.isArray(task))
    return [issue("task", "Give what makes a task, as enqueue takes it.")];
  return fieldsOfItsOwn
    .filter((field) => Reflect.get(task, field) !== undefined)
    .map((field) => issue(`task.${field}`, "The schedule sets it. Remove it."));
}

function issue(field: string, message: string): FieldIssue {
  return { field, message };
}
