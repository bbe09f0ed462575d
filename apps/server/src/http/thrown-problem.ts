import { isDatabaseError } from "@core/database";
import type { FieldIssue } from "@core/registry";
import { isIntegrationError } from "@core/registry";
import { ProblemError } from "./problem.ts";
import type { ProblemCode } from "./problem.ts";

/** Says what a throw below a route means to the caller; null: nothing that the caller may know. */
export function problemOfThrown(error: unknown): ProblemError | null {
  if (error instanceof ProblemError) return error;
  if (isDatabaseError(error) && unavailable.has(error.code)) {
    const detail = "The database does not answer. Nothing was stored by this request; send it again later.";
    return new ProblemError("DATABASE_UNAVAILABLE", detail, { headers: { "retry-after": "5" } });
  }
  if (!isIntegrationError(error) || !isCallersMistake(error.code)) return null;
  return new ProblemError(error.code, error.message, { errors: issuesOf(error.details) });
}

const unavailable = new Set<string>(["DATABASE_UNREACHABLE", "DATABASE_BUSY", "DATABASE_CLOSED"]);

/** The errors of the queue that tell a caller what is wrong with a request. */
const callersMistakes: readonly ProblemCode[] = [
  "CURSOR_INVALID",
  "DISPATCH_TARGET_INVALID",
  "DISPATCH_TYPE_UNKNOWN",
  "SCHEDULE_CONFLICT",
  "SCHEDULE_INVALID",
  "TASK_IDEMPOTENCY_CONFLICT",
  "TASK_INVALID",
];

function isCallersMistake(code: string): code is ProblemCode {
  return callersMistakes.some((known) => known === code);
}

function issuesOf(details: Readonly<Record<string, unknown>>): readonly FieldIssue[] {
  const { issues } = details;
  return Array.isArray(issues) ? issues.filter(isFieldIssue) : [];
}

function isFieldIssue(value: unknown): value is FieldIssue {
  return typeof value === "object" && value !== null && "field" in value && "message" in value;
}
