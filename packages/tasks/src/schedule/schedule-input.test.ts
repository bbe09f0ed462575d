import { testEngines } from "@core/database/testing";
import { afterAll, expect, it } from "vitest";
import { TasksError } from "../errors.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";
import type { ScheduleInput } from "./schedule.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const task = { type: "t" };
const fields =
  "Give five fields (minute, hour, day, month, weekday), or six with the second in front, such as 0 9 * * 1-5.";

const refused: readonly (readonly [object, readonly string[]])[] = [
  [{ task }, ['every: Give one of every ("+30m") and cron.']],
  [{ every: "+1m", cron: "* * * * *", task }, ['every, cron: Give one of every ("+30m") and cron.']],
  [{ every: "+0m", task }, ['every: "+0m" would never end. Give at least +1s, such as +30m.']],
  [
    { every: "30m", task },
    ['every: "30m" is no interval. Give + and a number of s, m, h, d or w, such as +30m.'],
  ],
  [{ every: "+999999999w", task }, ['every: "+999999999w" is longer than ten years. Give less.']],
  [
    { every: "+1m", timezone: "UTC", task },
    ["timezone: An interval is the same in all time zones. Remove it, or use cron."],
  ],
  [
    { cron: "0 9 * * *", timezone: "Mars/Olympus", task },
    ['timezone: "Mars/Olympus" is no time zone. Give a name such as Europe/Berlin, or UTC.'],
  ],
  [{ cron: "0 9 * *", task }, [`cron: "0 9 * *" is no cron expression. It has 4 fields. ${fields}`]],
  [
    { cron: "61 9 * * *", task },
    [`cron: "61 9 * * *" is no cron expression. Invalid value for minute: 61. ${fields}`],
  ],
  [
    { cron: "0 0 30 2 *", task },
    ['cron: "0 0 30 2 *" never comes: no month has that day. Correct the day or the month.'],
  ],
  [{ cron: 7, task }, [`cron: Give a text. ${fields}`]],
  [
    { every: "+1m", missed: "never", max_missed: 0, task },
    [
      "missed: Give one of skip, run_once, run_all, or leave missed out.",
      "max_missed: Give a whole number from 1 to 1000, or leave max_missed out.",
    ],
  ],
  [
    { every: "+1m", starts_at: new Date("2027-01-01"), ends_at: new Date("2026-01-01"), task },
    ["ends_at: It lies before starts_at. Give a later date."],
  ],
  [
    { every: "+1m", starts_at: "tomorrow", task },
    ["starts_at: Give a Date from 1970 to 2199, or leave starts_at out."],
  ],
  [{ every: "+1m", name: "", task }, ["name: Give 1 to 255 characters, or leave name out."]],
  [
    { every: "+1m", interval: 7, task },
    ["interval: There is no such field. Correct its spelling or remove it."],
  ],
  [{ every: "+1m" }, ["task: Give what makes a task, as enqueue takes it."]],
  [
    { every: "+1m", task: { ...task, idempotency_key: "k", delay_ms: 1 } },
    [
      "task.delay_ms: The schedule sets it. Remove it.",
      "task.idempotency_key: The schedule sets it. Remove it.",
    ],
  ],
  [
    { every: "+1m", task: { type: "agent", priority: 1.5 } },
    [
      "task.prompt: An agent task needs a prompt. Give one, or name another type.",
      "task.priority: Give a whole number from -32767 to 32767, or leave priority out.",
    ],
  ],
];

it.each(testEngines)("a wrong schedule on %s is refused with its fields and what to do", async (engine) => {
  const { tasks } = await fixtures.open(engine);
  const issues = [];
  for (const [wrong] of refused) issues.push(await issuesOf(tasks.schedules.create(wrong as ScheduleInput)));
  expect(issues).toEqual(refused.map(([, expected]) => expected));
  expect((await tasks.schedules.list()).items).toEqual([]);
});

async function issuesOf(refusal: Promise<unknown>): Promise<readonly string[]> {
  const error: unknown = await refusal.catch((thrown: unknown) => thrown);
  if (!(error instanceof TasksError) || error.code !== "SCHEDULE_INVALID") throw error;
  const { issues } = error.details;
  return (issues as { field: string; message: string }[]).map(({ field, message }) => `${field}: ${message}`);
}
