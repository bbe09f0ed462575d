import type { TaskInput } from "@core/tasks";
import { z } from "@hono/zod-openapi";

/** What `POST /api/v1/tasks` takes; `null` is the same as leaving a field out. */
export type TaskBody = { readonly [Field in keyof TaskInput]: TaskInput[Field] | null | undefined } & {
  readonly prompt: string;
};

const name = z.string().min(1).max(255);
const anyObject = z.record(z.string(), z.unknown());
const names = z.array(name).max(100);

const executionConfig = z.strictObject({
  system_preamble: z.string().max(100_000).optional(),
  skills: names.optional(),
  tools: names.optional(),
  model_override: name.optional(),
  fallback_models: names.optional(),
});

const origin = z.strictObject({ integration: name, ref: anyObject });

/** A time on the wire. Beyond these limits, databases and time zones each have their own calendar. */
export const moment: z.ZodType<Date, string> = z.iso
  .datetime({ offset: true, error: "Expected a date like 2030-01-31T08:00:00Z." })
  .transform((date) => new Date(date))
  .refine(isStorable, "Expected a time from 1970-01-01 to 2200-01-01 in UTC.");

const taskBody = z.strictObject({
  prompt: z
    .string()
    .max(500_000)
    .refine((prompt) => prompt.trim() !== "", "It is empty. Say what the agent shall do.")
    .openapi({
      description: "What the agent shall do; not only blanks.",
      example: "Say hello.",
      minLength: 1,
    }),
  type: name.nullish().openapi({ description: "Who runs it. Only agent works here, which is the default." }),
  payload: z.unknown().optional().openapi({ description: "Any JSON, kept with the task." }),
  lane: name.nullish().openapi({ description: "Tasks of one lane run one at a time, in order." }),
  bot_id: name.nullish(),
  session_id: name.nullish(),
  channel_id: name.nullish(),
  dispatch_type: name
    .nullish()
    .openapi({ description: "How the result is delivered. Default: none.", example: "webhook" }),
  dispatch_config: anyObject.nullish().openapi({
    description: "Where the result goes; its fields belong to the dispatch type.",
    example: { url: "https://example.org/hook" },
  }),
  strict: z.boolean().nullish().openapi({
    description:
      "Refuse a dispatch type that is not known here. Default: true. With false, a delivery of a type that this server does not know is kept until a server does; no schema checks its target then, but secrets in it are refused all the same.",
  }),
  callback_config: anyObject.nullish().openapi({
    description: "Any JSON object, kept with the task for whoever made it. Nothing here reads it.",
  }),
  execution_config: executionConfig.nullish().openapi({
    description:
      "How this task is run, handed to the agent as it is; what of it is kept to is up to the agent.",
  }),
  origin: origin.nullish().openapi({ description: "The message the task came from." }),
  title: z.string().max(500).nullish(),
  scheduled_at: moment.nullish().openapi({
    description: "Not before this time, which is from 1970-01-01 to 2200-01-01 in UTC.",
    type: ["string", "null"],
    format: "date-time",
  }),
  priority: z.int().min(-32_767).max(32_767).nullish().openapi({ description: "Higher first. Default: 0." }),
  idempotency_key: name.nullish().openapi({ description: "The same key gives the same task back." }),
  max_attempts: z.int().min(1).max(100).nullish(),
  max_run_seconds: z.int().min(1).max(604_800).nullish(),
});

export const taskBodySchema: z.ZodType<TaskBody> = taskBody.openapi(
  "NewTask",
) as unknown as z.ZodType<TaskBody>;

/** What each task of a schedule is: the schedule itself says when. */
export const taskTemplateSchema: z.ZodType<TaskBody> = taskBody
  .omit({ scheduled_at: true, idempotency_key: true })
  .openapi("TaskTemplate") as unknown as z.ZodType<TaskBody>;

function isStorable(date: Date): boolean {
  return date.getTime() >= Date.UTC(1970, 0, 1) && date.getTime() <= Date.UTC(2200, 0, 1);
}

/** The input of the queue: without the fields that were left out or null. */
export function taskInputOf(body: TaskBody): TaskInput {
  const given = Object.entries(body).filter(([, value]) => value !== null && value !== undefined);
  return { type: "agent", ...Object.fromEntries(given) };
}
