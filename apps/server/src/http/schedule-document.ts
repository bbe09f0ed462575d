import { missedPolicies } from "@core/tasks";
import { z } from "@hono/zod-openapi";

const time = z.iso.datetime();

/** A schedule as the OpenAPI document describes it. */
export const scheduleSchema: z.ZodType<unknown> = z
  .strictObject({
    id: z.uuid(),
    name: z.string().nullable(),
    every: z.string().nullable(),
    cron: z.string().nullable(),
    timezone: z.string().nullable().openapi({ description: "Null for an interval." }),
    starts_at: time.nullable(),
    ends_at: time.nullable(),
    missed: z.enum(missedPolicies),
    max_missed: z.int(),
    task: z.record(z.string(), z.unknown()).openapi({ description: "What each task is, as it was given." }),
    next_at: time
      .nullable()
      .openapi({ description: "Null while it is paused, and when nothing comes any more." }),
    last_at: time.nullable(),
    last_task_id: z.uuid().nullable(),
    run_count: z.int().openapi({ description: "Tasks that it has made." }),
    failed_count: z.int().openapi({ description: "Occurrences whose task could not be made." }),
    last_error: z
      .string()
      .nullable()
      .openapi({ description: "Why the last one could not be made; null when it was." }),
    paused_at: time.nullable(),
    created_at: time,
  })
  .openapi("Schedule");

/** Some of the times that a schedule or a rule has. */
export const timesSchema: z.ZodType<unknown> = z.strictObject({ times: z.array(time) }).openapi("Times");
