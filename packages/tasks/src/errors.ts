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
  | "SCHEDULE_CONFLICT"
  | "SCHEDULE_INVALID"
  | "LEASE_LOST"
  | "RESULT_TIMED_OUT"
  | "TASK_CANCELLED"
  | "TASK_FAILED"
  | "TASK_NOT_FOUND"
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

/** A wrong schedule; `refusal` says what was not done. */
export function invalidSchedule(refusal: string, issues: readonly FieldIssue[]): TasksError {
  return refused("SCHEDULE_INVALID", refusal, issues);
}

/** Options that cannot be meant; `refusal` says what was not made. */
export function invalidOptions(refusal: string, issues: readonly FieldIssue[]): TasksError {
  return refused("OPTIONS_INVALID", refusal, issues);
}

/** There is no task with this id. */
export function taskNotFound(id: string): TasksError {
  return new TasksError({
    code: "TASK_NOT_FOUND",
    message: `There is no task ${id}. Use the id that enqueue gave.`,
    details: { id },
  });
}

function refused(code: TasksErrorCode, refusal: string, issues: readonly FieldIssue[]): TasksError {
  const list = issues.map(({ field, message }) => (field ? `${field}: ${message}` : message));
  return new TasksError({ code, message: [refusal, ...list].join(" "), details: { issues } });
}
