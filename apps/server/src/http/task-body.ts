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

const taskBody = z.strictObject({
  prompt: z
    .string()
    .max(500_000)
    .refine((prompt) => prompt.trim() !== "", "It is empty. Say what the agent shall do.")
    .openapi({ description: "What the agent shall do.", example: "Say hello." }),
  type: name.nullish().openapi({ description: "Who runs it. Default: agent." }),
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
  strict: z
    .boolean()
    .nullish()
    .openapi({ description: "Refuse a dispatch type that is not known here. Default: true." }),
  callback_config: anyObject.nullish(),
  execution_config: executionConfig.nullish().openapi({ description: "How this task is run." }),
  origin: origin.nullish().openapi({ description: "The message the task came from." }),
  title: z.string().max(500).nullish(),
  scheduled_at: z.iso
    .datetime({ offset: true, error: "Expected a date like 2030-01-31T08:00:00Z." })
    .transform((date) => new Date(date))
    .nullish()
    .openapi({ description: "Not before this time.", type: "string", format: "date-time" }),
  priority: z.int().min(-32_768).max(32_767).nullish().openapi({ description: "Higher first. Default: 0." }),
  idempotency_key: name.nullish().openapi({ description: "The same key gives the same task back." }),
  max_attempts: z.int().min(1).max(100).nullish(),
  max_run_seconds: z.int().min(1).max(604_800).nullish(),
});

export const taskBodySchema: z.ZodType<TaskBody> = taskBody.openapi(
  "NewTask",
) as unknown as z.ZodType<TaskBody>;

/** The fields of the body and of its strict objects, by path, for hints. */
export const taskFields: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(taskBody.shape),
  execution_config: Object.keys(executionConfig.shape),
  origin: Object.keys(origin.shape),
};

/** The input of the queue: without the fields that were left out or null. */
export function taskInputOf(body: TaskBody): TaskInput {
  const given = Object.entries(body).filter(([, value]) => value !== null && value !== undefined);
  return { type: "agent", ...Object.fromEntries(given) };
}
