import type { FieldIssue } from "@core/registry";
import { secretIssues } from "@core/registry";
import { invalidInput } from "../errors.ts";
import { isUuid } from "../store/uuid.ts";
import { unstorableText } from "../store/storable-text.ts";
import type { TaskInput } from "./task.ts";
import type { RetryRule } from "./task-failure.ts";

/** What tasks of one type get when their maker says nothing. */
export interface TaskTypeOptions {
  /** Default 10; agent tasks 3, because running a model again has side effects. */
  readonly maxAttempts?: number;
  /** Default 1,200. */
  readonly maxRunSeconds?: number;
  /** Default `any`; agent tasks `classified`. */
  readonly retry?: RetryRule;
}

/** The complete settings of a task type. */
export function taskTypeSettings(
  type: string,
  options: TaskTypeOptions | undefined,
): Required<TaskTypeOptions> {
  const isAgent = type === AGENT_TYPE;
  return {
    maxAttempts: options?.maxAttempts ?? (isAgent ? 3 : 10),
    maxRunSeconds: options?.maxRunSeconds ?? 1_200,
    retry: options?.retry ?? (isAgent ? "classified" : "any"),
  };
}

export const AGENT_TYPE = "agent";

/** @throws TasksError TASK_INVALID naming every wrong field */
export function assertTaskInput(input: TaskInput): void {
  const notJson = jsonFields.flatMap((field) => jsonIssue(field, input[field]));
  if (notJson.length > 0) throw invalidInput("TASK_INVALID", notJson);
  const issues = [
    ...names.flatMap((field) => nameIssue(field, input[field])),
    ...numbers.flatMap(([field, min, max]) => numberIssue(field, min, max, input[field])),
    ...parentIssues(input),
    ...originIssues(input),
    ...unstorableText(input),
  ];
  if (issues.length > 0) throw invalidInput("TASK_INVALID", issues);
}

const NAME_LIMIT = 255;
const names = [
  "type",
  "queue",
  "lane",
  "bot_id",
  "session_id",
  "channel_id",
  "correlation_id",
  "dispatch_type",
  "idempotency_key",
] as const;

const DAY_SECONDS = 24 * 60 * 60;
const numbers = [
  ["priority", -32_768, 32_767],
  ["max_attempts", 1, 100],
  ["max_run_seconds", 1, 7 * DAY_SECONDS],
] as const;

function nameIssue(field: string, value: string | undefined): FieldIssue[] {
  if (value === undefined || (value.length > 0 && value.length <= NAME_LIMIT)) return [];
  return [{ field, message: `Give 1 to ${NAME_LIMIT} characters, or leave ${field} out.` }];
}

const jsonFields = ["payload", "dispatch_config", "callback_config", "execution_config", "origin"] as const;

/** Looked at first: the other checks walk through the values and would not come back from a circle. */
function jsonIssue(field: string, value: unknown): FieldIssue[] {
  try {
    JSON.stringify(value);
    return [];
  } catch {
    return [{ field, message: "Give a JSON value: no BigInt, no circle, not too many levels." }];
  }
}

function parentIssues({ parent_task_id: id }: TaskInput): FieldIssue[] {
  if (id === undefined || isUuid(id)) return [];
  return [{ field: "parent_task_id", message: "Give the id of a task, or leave it out." }];
}

function numberIssue(field: string, min: number, max: number, value: number | undefined): FieldIssue[] {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return [];
  return [{ field, message: `Give a whole number from ${min} to ${max}, or leave ${field} out.` }];
}

function originIssues({ origin, scheduled_at: scheduledAt }: TaskInput): FieldIssue[] {
  const secrets = secretIssues({ origin });
  const badDate = scheduledAt !== undefined && Number.isNaN(scheduledAt.getTime());
  return badDate ? [...secrets, { field: "scheduled_at", message: "Give a valid date." }] : secrets;
}
