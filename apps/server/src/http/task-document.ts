import { taskStates } from "@core/tasks";
import { z } from "@hono/zod-openapi";
import { deliverySchema } from "./delivery-document.ts";
import { anyJson, resultSchema } from "./json-document.ts";

const time = z.iso.datetime();
const anyObject = z.record(z.string(), z.unknown());

const task = z.strictObject({
  id: z.uuid(),
  type: z.string(),
  queue: z.string(),
  lane: z.string().nullable(),
  limit_key: z.string().nullable(),
  reason: z.string(),
  status: z.enum(taskStates),
  failure_code: z.enum(["timed_out", "exhausted", "non_retryable", "lease_lost"]).nullable(),
  title: z.string().nullable(),
  prompt: z.string().nullable(),
  payload: anyJson("What was given with the task, or null."),
  bot_id: z.string().nullable(),
  session_id: z.string().nullable(),
  channel_id: z.string().nullable(),
  parent_task_id: z.uuid().nullable(),
  root_task_id: z.uuid(),
  depth: z.int(),
  correlation_id: z.string(),
  dispatch_type: z.string(),
  dispatch_config: anyObject.nullable(),
  callback_config: anyObject.nullable(),
  execution_config: anyObject.nullable(),
  origin: anyObject.nullable(),
  trace_context: anyObject.nullable(),
  priority: z.int(),
  attempt: z.int(),
  max_attempts: z.int(),
  max_run_seconds: z.int(),
  idempotency_key: z.string().nullable(),
  result: resultSchema,
  errors: z.array(z.object({ attempt: z.int(), at: z.string(), code: z.string(), message: z.string() })),
  created_at: time,
  scheduled_at: time.nullable(),
  run_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
});

const saying = {
  run: z.int().openapi({ description: "Rises with every run of the task." }),
  n: z.int().openapi({ description: "Counts what the run has said, from 1." }),
  at: time,
};

const progress = z
  .object({ fraction: z.number().min(0).max(1).nullable(), message: z.string().nullable(), ...saying })
  .openapi({ description: "The newest that a run has said of how far it is." });

const logLine = z
  .object({ message: z.string(), fields: anyObject.optional(), ...saying })
  .openapi({ description: "Of the newest hundred lines that its runs have written, oldest first." });

/** A task as the OpenAPI document describes it. */
export const taskSchema: z.ZodType<unknown> = task.openapi("Task");

export const taskWithDeliveriesSchema: z.ZodType<unknown> = task
  .extend({ deliveries: z.array(deliverySchema), progress: progress.nullable(), log: z.array(logLine) })
  .openapi("TaskWithDeliveries");

/** A task as lists show it: the beginning of its prompt, and nothing else that may be long. */
export const taskSummarySchema: z.ZodType<unknown> = task
  .omit({
    payload: true,
    dispatch_config: true,
    callback_config: true,
    execution_config: true,
    origin: true,
    trace_context: true,
    result: true,
    errors: true,
  })
  .openapi("TaskSummary");
