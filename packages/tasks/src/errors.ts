import { IntegrationError } from "@core/registry";
import type { FieldIssue } from "@core/registry";

/** Codes of the errors that @core/tasks throws. A code is permanent once released. */
export type TasksErrorCode =
  | "TASK_INVALID"
  | "TASK_IDEMPOTENCY_CONFLICT"
  | "DISPATCH_TYPE_UNKNOWN"
  | "DISPATCH_TARGET_INVALID"
  | "CURSOR_INVALID"
  | "DELIVERY_INVALID"
  | "LIMIT_INVALID"
  | "OPTIONS_INVALID"
  | "LEASE_LOST"
  | "TASK_CANCELLED"
  | "TASK_TIMED_OUT"
  | "WORKER_STOPPING";

export class TasksError extends IntegrationError<TasksErrorCode> {
  override readonly name: string = "TasksError";
}

/** Bad input: `details.issues` names each field and its fix. */
export function invalidInput(
  code: "TASK_INVALID" | "DISPATCH_TYPE_UNKNOWN" | "DISPATCH_TARGET_INVALID",
  issues: readonly FieldIssue[],
): TasksError {
  return refused(code, "The task was not stored.", issues);
}

/** The same of a delivery that is sent by itself. */
export function refusedDelivery(
  code: "DELIVERY_INVALID" | "DISPATCH_TYPE_UNKNOWN" | "DISPATCH_TARGET_INVALID",
  issues: readonly FieldIssue[],
): TasksError {
  return refused(code, "The delivery was not stored.", issues);
}

/** A wrong limit or pause; `refusal` says what was not done. */
export function invalidLimit(refusal: string, issues: readonly FieldIssue[]): TasksError {
  return refused("LIMIT_INVALID", refusal, issues);
}

/** Options that cannot be meant; `refusal` says what was not made. */
export function invalidOptions(refusal: string, issues: readonly FieldIssue[]): TasksError {
  return refused("OPTIONS_INVALID", refusal, issues);
}

function refused(code: TasksErrorCode, refusal: string, issues: readonly FieldIssue[]): TasksError {
  const list = issues.map(({ field, message }) => (field ? `${field}: ${message}` : message));
  return new TasksError({ code, message: [refusal, ...list].join(" "), details: { issues } });
}
