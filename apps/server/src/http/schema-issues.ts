import type { FieldIssue } from "@core/registry";
import type { Hook, z } from "@hono/zod-openapi";
import type { AppEnv } from "./app-env.ts";
import { ProblemError } from "./problem.ts";
import type { ProblemCode } from "./problem.ts";
import { similarName } from "../similar-name.ts";
import { scheduleFields } from "./schedule-body.ts";
import { taskFields } from "./task-body.ts";
import { taskBulkFields } from "./task-bulk-body.ts";
import { taskQueryFields } from "./task-query.ts";

type Issue = z.core.$ZodIssue;

/** What becomes of a request that its schema refuses: a problem naming each field and its fix. */
export const refuseInvalid: Hook<unknown, AppEnv, string, void> = (result, { req }) => {
  if (result.success) return;
  const places = placesOf(req.path);
  const place = places[result.target === "query" || result.target === "param" ? result.target : "body"];
  const input: unknown = "data" in result ? result.data : undefined;
  const errors = result.error.issues.flatMap((issue) => fieldIssues(issue, input, place));
  const list = errors
    .map(({ field, message }) => (field === "" ? message : `${field}: ${message}`))
    .join(" ");
  throw new ProblemError(place.code, `${place.what} ${list}`, { errors });
};

/** A part of a request, and the fields it may have, by path, for hints. */
interface Place {
  readonly code: ProblemCode;
  readonly what: string;
  readonly fields: Readonly<Record<string, readonly string[]>>;
}

type Places = Readonly<Record<"body" | "query" | "param", Place>>;

const ofTasks: Places = {
  body: { code: "TASK_INVALID", what: "The task was not stored.", fields: taskFields },
  query: {
    code: "QUERY_INVALID",
    what: "The query cannot be answered.",
    fields: { "": [...Object.keys(taskQueryFields), "task_id", "types"] },
  },
  param: { code: "TASK_ID_INVALID", what: "The path cannot be read.", fields: {} },
};

const ofOrders: Places = {
  ...ofTasks,
  body: { code: "BODY_INVALID", what: "Nothing was done.", fields: { "": taskBulkFields } },
};

const ofSchedules: Places = {
  body: { code: "SCHEDULE_INVALID", what: "Nothing was stored.", fields: scheduleFields },
  query: { ...ofTasks.query, fields: { "": ["cursor", "limit", "count", "from"] } },
  param: { code: "SCHEDULE_ID_INVALID", what: "The path cannot be read.", fields: {} },
};

function placesOf(path: string): Places {
  if (path.startsWith("/api/v1/schedules")) return ofSchedules;
  return /\/tasks\/?$/.test(path) ? ofTasks : ofOrders;
}

/** In our words; an issue about several unknown fields becomes one for each. */
function fieldIssues(issue: Issue, input: unknown, { code, fields }: Place): FieldIssue[] {
  const field = issue.path.map(String).join(".");
  const value = valueAt(input, issue.path);
  if (code === "QUERY_INVALID" && Array.isArray(value)) return [{ field, message: `Give ${field} once.` }];
  if (issue.code !== "unrecognized_keys") return [{ field, message: wording(issue, value) }];
  const known = fields[field] ?? [];
  return issue.keys.map((key) =>
    unknownField(field === "" ? key : `${field}.${key}`, similarName(key, known)),
  );
}

/** Schemas do not say what they were given, so that it cannot be logged by mistake. */
function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}

function wording(issue: Issue, input: unknown): string {
  if (issue.code === "invalid_type") return invalidType(issue.expected, input);
  if (issue.code === "invalid_value") return `Expected one of ${issue.values.map(quoted).join(", ")}.`;
  if (issue.code === "too_small") return `Expected at least ${amount(issue.minimum, issue.origin)}.`;
  if (issue.code === "too_big") return `Expected at most ${amount(issue.maximum, issue.origin)}.`;
  return issue.message;
}

function invalidType(expected: string, input: unknown): string {
  const type = article(typeNames[expected] ?? expected);
  if (input === undefined) return `It is required. Give ${type}.`;
  const got = expected === "int" && typeof input === "number" ? String(input) : kindOf(input);
  return `Expected ${type}, got ${got}.`;
}

const typeNames: Readonly<Record<string, string>> = { record: "object", int: "whole number" };

function unknownField(field: string, meant: string | null): FieldIssue {
  const hint = meant === null ? "Remove it." : `Did you mean "${meant}"?`;
  return { field, message: `There is no field "${field}". ${hint}` };
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

function amount(count: number | bigint, origin: string): string {
  const unit = { string: " character", array: " item" }[origin];
  return unit === undefined ? `${count}` : `${count}${unit}${Number(count) === 1 ? "" : "s"}`;
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return article(Array.isArray(value) ? "array" : typeof value);
}
