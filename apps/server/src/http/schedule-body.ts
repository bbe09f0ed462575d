import type { ScheduleChanges, ScheduleInput, ScheduleRule } from "@core/tasks";
import { missedPolicies } from "@core/tasks";
import { z } from "@hono/zod-openapi";
import type { TaskBody } from "./task-body.ts";
import { moment, taskInputOf, taskTemplateSchema } from "./task-body.ts";

/** What the routes of schedules take; in a new one `null` is the same as leaving a field out. */
export type ScheduleBody = Given<ScheduleInput>;
export type ChangesBody = Omit<Partial<ScheduleBody>, "task"> & { readonly task?: TaskBody | undefined };
export type RuleBody = Given<ScheduleRule & { readonly count?: number; readonly from?: Date }>;

type Given<Input> = {
  readonly [Field in keyof Input]: Field extends "task" ? TaskBody : Input[Field] | null | undefined;
};

const name = z.string().min(1).max(255);
const dated: { type: ["string", "null"]; format: string } = { type: ["string", "null"], format: "date-time" };

const rule = {
  every: z
    .string()
    .max(20)
    .openapi({ description: "An interval: + and a number of s, m, h, d or w.", example: "+30m" }),
  cron: z.string().max(255).openapi({
    description:
      "Minute, hour, day, month, weekday, or six fields with the second in front. Give it or `every`.",
    example: "0 9 * * 1-5",
  }),
  timezone: name.openapi({ description: "Of cron. Default: UTC.", example: "Europe/Berlin" }),
  starts_at: moment.openapi({ description: "Nothing before it; an interval counts from it.", ...dated }),
  ends_at: moment.openapi({ description: "Nothing after it.", ...dated }),
};

const manner = {
  name: name.openapi({ description: "Unique. The same name with the same content gives the same schedule." }),
  missed: z.enum(missedPolicies).openapi({
    description:
      "What becomes of occurrences that nobody came to for more than a minute: none is made up for, one task stands for all, or each gets its own. Default: run_once.",
  }),
  max_missed: z.int().min(1).max(1_000).openapi({
    description: "How many run_all makes up for, at most: the newest. Default: 100.",
  }),
};

const newSchedule = z.strictObject({
  ...nullish(manner),
  ...nullish(rule),
  task: taskTemplateSchema,
});

export const scheduleBodySchema: z.ZodType<ScheduleBody> = newSchedule.openapi("NewSchedule");

const { every, cron, timezone, starts_at, ends_at } = rule;
const { missed, max_missed } = manner;

const changes = z.strictObject({
  ...nullish({ name: manner.name, timezone, starts_at, ends_at }),
  every: every.optional(),
  cron: cron.optional(),
  missed: missed.optional(),
  max_missed: max_missed.optional(),
  task: taskTemplateSchema.optional(),
});

/** `null` takes a field away. */
export const scheduleChangesSchema: z.ZodType<ChangesBody> = changes.openapi("ScheduleChanges");

const preview = z.strictObject({
  ...nullish(rule),
  count: z.int().min(1).max(100).nullish().openapi({ description: "How many times. Default: 10." }),
  from: moment.nullish().openapi({ description: "The times after this one. Default: now.", ...dated }),
});

export const ruleBodySchema: z.ZodType<RuleBody> = preview.openapi("ScheduleRule");

/** The input of the queue: without the fields that were left out or null. */
export function scheduleInputOf({ task, ...body }: ScheduleBody): ScheduleInput {
  return { ...withoutNulls(body), task: taskInputOf(task) };
}

export function scheduleChangesOf({ task, ...body }: ChangesBody): ScheduleChanges {
  return { ...body, ...(task !== undefined && { task: taskInputOf(task) }) } as ScheduleChanges;
}

export function withoutNulls<Body extends object>(body: Body): WithoutNulls<Body> {
  const given = Object.entries(body).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(given) as WithoutNulls<Body>;
}

type WithoutNulls<Body> = { readonly [Field in keyof Body]?: NonNullable<Body[Field]> };

function nullish<Fields extends Readonly<Record<string, z.ZodType>>>(
  fields: Fields,
): { [Field in keyof Fields]: z.ZodOptional<z.ZodNullable<Fields[Field]>> } {
  return Object.fromEntries(
    Object.entries(fields).map(([field, schema]) => [field, schema.nullish()]),
  ) as never;
}
