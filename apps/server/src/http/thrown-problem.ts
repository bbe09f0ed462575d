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
    return new ProblemError("DATABASE_UNAVAILABLE", detail, { headers: LATER });
  }
  if (!isIntegrationError(error) || !isTold(error.code)) return null;
  const errors = issuesOf(error.details);
  return new ProblemError(error.code, error.message, {
    ...(errors.length > 0 && { errors }),
    ...(error.retryable && { headers: LATER }),
  });
}

/** Seconds. */
const LATER = { "retry-after": "5" };

const unavailable = new Set<string>(["DATABASE_UNREACHABLE", "DATABASE_BUSY", "DATABASE_CLOSED"]);

/** The errors of the packages below whose messages tell a caller what to do, or what their operator has to mend. */
const told: readonly ProblemCode[] = [
  "CURSOR_INVALID",
  "DESTINATION_NOT_FOUND",
  "DISPATCH_TARGET_INVALID",
  "DISPATCH_TYPE_UNKNOWN",
  "ENCRYPTION_KEY_MISSING",
  "ENCRYPTION_KEY_WRONG",
  "INTEGRATIONS_INPUT_INVALID",
  "SCHEDULE_CONFLICT",
  "SCHEDULE_INVALID",
  "STATE_CLOSED",
  "STATE_CORRUPT",
  "STATE_LOCK_TIMEOUT",
  "STATE_UNREADABLE",
  "STATE_VERSION_UNSUPPORTED",
  "STATE_WRITE_FAILED",
  "TASK_IDEMPOTENCY_CONFLICT",
  "TASK_INVALID",
];

function isTold(code: string): code is ProblemCode {
  return told.some((known) => known === code);
}

function issuesOf(details: Readonly<Record<string, unknown>>): readonly FieldIssue[] {
  const { issues } = details;
  return Array.isArray(issues) ? issues.filter(isFieldIssue) : [];
}

function isFieldIssue(value: unknown): value is FieldIssue {
  return typeof value === "object" && value !== null && "field" in value && "message" in value;
}
