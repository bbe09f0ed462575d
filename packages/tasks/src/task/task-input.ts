import type { FieldIssue } from "@core/registry";
import { secretIssues } from "@core/registry";
import { invalidInput } from "../errors.ts";
import { hasLengthOfName, NAME_LIMIT, unknownField } from "../field-issues.ts";
import { unstorableText } from "../store/storable-text.ts";
import { isUuid } from "../store/uuid.ts";
import type { Dedupe, TaskInput } from "./task.ts";
import { AGENT_TYPE } from "./task-type.ts";

type Field = keyof TaskInput;
type Check = (field: Field, value: unknown, input: TaskInput) => FieldIssue[];

/** How each field is checked; a field that is not here does not exist. */
const checks: Readonly<Record<Field, Check>> = {
  type: name,
  prompt,
  payload: json,
  queue: name,
  lane: name,
  limit_key: name,
  reason: oneOf(["api", "scheduled", "delegation", "callback", "inject"]),
  title: text,
  bot_id: name,
  session_id: name,
  channel_id: name,
  parent_task_id: taskId,
  correlation_id: name,
  dispatch_type: name,
  dispatch_config: json,
  strict: oneOf([true, false]),
  callback_config: withoutSecrets,
  execution_config: json,
  origin: withoutSecrets,
  priority: wholeNumber(-32_767, 32_767),
  scheduled_at: date,
  delay_ms: delay,
  dedupe,
  trace_context: traceContext,
  idempotency_key: name,
  max_attempts: wholeNumber(1, 100),
  max_run_seconds: wholeNumber(1, 7 * 24 * 60 * 60),
};

/** @throws TasksError TASK_INVALID naming every wrong field */
export function assertTaskInput(input: TaskInput): void {
  const issues = [
    ...(input.prompt === undefined ? prompt("prompt", undefined, input) : []),
    ...Object.entries(input).flatMap(([field, value]) =>
      isField(field) ? (value === undefined ? [] : checks[field](field, value, input)) : unknownField(field),
    ),
  ];
  if (issues.length > 0) throw invalidInput("TASK_INVALID", issues);
}

function isField(field: string): field is Field {
  return Object.hasOwn(checks, field);
}

function name(field: Field, value: unknown): FieldIssue[] {
  if (value === undefined) return [];
  if (hasLengthOfName(value)) return text(field, value);
  return [{ field, message: `Give 1 to ${NAME_LIMIT} characters, or leave ${field} out.` }];
}

function text(field: Field, value: unknown): FieldIssue[] {
  if (value === undefined || typeof value === "string") return unstorableText(value, field);
  return [{ field, message: `Give a text, or leave ${field} out.` }];
}

function prompt(field: Field, value: unknown, { type = AGENT_TYPE }: TaskInput): FieldIssue[] {
  if (value !== undefined || type !== AGENT_TYPE) return text(field, value);
  return [{ field, message: "An agent task needs a prompt. Give one, or name another type." }];
}

/** A circle is found first: the other checks walk through the value and would not come back from it. */
function json(field: Field, value: unknown): FieldIssue[] {
  try {
    JSON.stringify(value);
  } catch {
    return [{ field, message: "Give a JSON value: no BigInt, no circle, not too many levels." }];
  }
  return unstorableText(value, field);
}

function withoutSecrets(field: Field, value: unknown): FieldIssue[] {
  const issues = json(field, value);
  if (issues.length > 0) return issues;
  return secretIssues({ [field]: value }).map((issue) => ({
    field: issue.field,
    message: "It looks like a secret, and secrets are not stored with a task. Remove it.",
  }));
}

function taskId(field: Field, value: unknown): FieldIssue[] {
  if (value === undefined || (typeof value === "string" && isUuid(value))) return [];
  return [{ field, message: "Give the id of a task, or leave it out." }];
}

const FIRST_DATE = Date.UTC(1970, 0, 1);
const LAST_DATE = Date.UTC(2200, 0, 1);

function date(field: Field, value: unknown): FieldIssue[] {
  if (value === undefined) return [];
  const time = value instanceof Date ? value.getTime() : Number.NaN;
  if (time >= FIRST_DATE && time < LAST_DATE) return [];
  return [{ field, message: "Give a Date from 1970 to 2199, or leave it out to run at once." }];
}

function wholeNumber(min: number, max: number): Check {
  return (field, value) => {
    if (value === undefined || (Number.isInteger(value) && Number(value) >= min && Number(value) <= max))
      return [];
    return [{ field, message: `Give a whole number from ${min} to ${max}, or leave ${field} out.` }];
  };
}

/** Nothing is planned for later than ten years from now. */
export const LONGEST_DELAY_MS: number = 10 * 365 * 24 * 60 * 60 * 1_000;

function delay(field: Field, value: unknown, input: TaskInput): FieldIssue[] {
  if (value !== undefined && input.scheduled_at !== undefined) {
    return [{ field, message: "Give scheduled_at or delay_ms, not both." }];
  }
  return wholeNumber(0, LONGEST_DELAY_MS)(field, value, input);
}

const conflicts = ["skip", "replace", "debounce", "merge"] as const;

function dedupe(field: Field, value: unknown, input: TaskInput): FieldIssue[] {
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null) {
    return [{ field, message: "Give { key, on_conflict?, window_seconds? }, or leave dedupe out." }];
  }
  const { key, on_conflict: onConflict, window_seconds: window, ...others } = value as Partial<Dedupe>;
  return [
    ...within("key", key === undefined ? [{ field, message: "Give a key." }] : name(field, key)),
    ...within("on_conflict", oneOf(conflicts)(field, onConflict, input)),
    ...within("window_seconds", wholeNumber(1, 366 * 24 * 60 * 60)(field, window, input)),
    ...Object.keys(others).flatMap((other) => within(other, [unknownField(other)])),
  ];
}

function within(part: string, issues: readonly FieldIssue[]): FieldIssue[] {
  return issues.map((issue) => ({ ...issue, field: `dedupe.${part}` }));
}

function traceContext(field: Field, value: unknown): FieldIssue[] {
  if (value === undefined) return [];
  const isHeaders =
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((header) => typeof header === "string" && header.length <= 8_192);
  return isHeaders
    ? unstorableText(value, field)
    : [{ field, message: "Give the headers of a trace, each a text, or leave trace_context out." }];
}

function oneOf(values: readonly (string | boolean)[]): Check {
  return (field, value) => {
    if (value === undefined || values.some((one) => one === value)) return [];
    return [{ field, message: `Give one of ${values.join(", ")}, or leave ${field} out.` }];
  };
}
