import type { MissedPolicy, ScheduleRule } from "@core/tasks";
import type { PlannedSchedule } from "./expected-times.ts";

const zones = ["Europe/Berlin", "America/New_York", "UTC", "Asia/Kolkata", "Australia/Lord_Howe"];

/** Each with its own policy and cap; the small cap is less than an outage holds. */
const manners: readonly { readonly missed: MissedPolicy; readonly max_missed: number }[] = [
  { missed: "run_once", max_missed: 100 },
  { missed: "skip", max_missed: 100 },
  { missed: "run_all", max_missed: 100 },
  { missed: "run_all", max_missed: 2 },
];

/** Schedules of mixed kinds, zones and policies, made at a moment. */
export function mixedSchedules(count: number, created: number): readonly PlannedSchedule[] {
  const rules = rulesFrom(created);
  return Array.from({ length: count }, (_, n) => ({
    name: `schedule-${n}`,
    ...inZone(
      rules[n % rules.length] ?? { every: "+1h" },
      zones[Math.floor(n / rules.length) % zones.length],
    ),
    missed: "run_once",
    max_missed: 100,
    ...manners[Math.floor(n / 3) % manners.length],
  }));
}

/** Intervals, fixed times and steps around the changes of the clocks, six fields, beginnings and ends. */
function rulesFrom(created: number): readonly ScheduleRule[] {
  const later = (hours: number): Date => new Date(created + hours * 3_600_000);
  return [
    { every: "+7m" },
    { every: "+1h", starts_at: later(-0.4) },
    { every: "+150s", starts_at: later(3.01), ends_at: later(20) },
    { every: "+3h" },
    { cron: "30 2 * * *" },
    { cron: "30 1 * * *" },
    { cron: "0,15,30 1-2 * * *" },
    { cron: "*/5 * * * *" },
    { cron: "15 * * * *" },
    { cron: "*/20 1-3 * * *" },
    { cron: "10,40 */5 * * * *" },
    { cron: "0 0,2,3 * * 0,1" },
    { cron: "45 * * 3,10,11 *", starts_at: later(1) },
  ];
}

function inZone(rule: ScheduleRule, timezone = "UTC"): ScheduleRule {
  return rule.cron === undefined ? rule : { ...rule, timezone };
}
