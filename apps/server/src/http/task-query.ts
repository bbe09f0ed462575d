import type { FailureCode, TaskReason, TaskState } from "@core/tasks";
import { failureCodes, taskReasons, taskStates } from "@core/tasks";
import { z } from "@hono/zod-openapi";
import { pageFields } from "./page-query.ts";

type Parameter<Value> = z.ZodType<Value | undefined, string | undefined>;

const name: Parameter<string> = z.string().min(1).max(255).optional();

/** A moment in a request. */
export const momentField: z.ZodType<Date, string> = z.iso
  .datetime({ offset: true, error: "Expected a date like 2030-01-31T08:00:00Z." })
  .transform((text) => new Date(text))
  .openapi({ type: "string", format: "date-time" });

/** How the list of tasks is asked for. */
export const taskQueryFields: typeof pageFields & {
  readonly status: Parameter<TaskState>;
  readonly type: Parameter<string>;
  readonly queue: Parameter<string>;
  readonly lane: Parameter<string>;
  readonly session_id: Parameter<string>;
  readonly failure_code: Parameter<FailureCode>;
  readonly reason: Parameter<TaskReason>;
  readonly created_after: Parameter<Date>;
  readonly created_before: Parameter<Date>;
} = {
  status: z.enum(taskStates).optional(),
  type: name,
  queue: name,
  lane: name,
  session_id: name,
  failure_code: z.enum(failureCodes).optional(),
  reason: z.enum(taskReasons).optional(),
  created_after: momentField.optional(),
  created_before: momentField.optional(),
  ...pageFields,
};
