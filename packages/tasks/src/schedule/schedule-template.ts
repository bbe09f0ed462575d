import type { FieldIssue } from "@core/registry";
import type { Transaction } from "kysely";
import { invalidSchedule, TasksError } from "../errors.ts";
import type { TaskMakerOptions } from "../task/task-maker.ts";
import { makeTask } from "../task/task-maker.ts";
import type { TaskInput } from "../task/task.ts";
import type { Schedule, TaskTemplate } from "./schedule.ts";

/**
 * Checks what a schedule is to make, as `enqueue` does.
 * @throws TasksError SCHEDULE_INVALID naming every wrong field
 */
export async function assertTemplate(
  making: TaskMakerOptions,
  template: TaskTemplate,
  refusal: string,
  trx: Transaction<unknown> | undefined,
): Promise<void> {
  try {
    await makeTask(making, { ...template, reason: "scheduled" }, trx ? { trx } : {});
  } catch (error) {
    if (!(error instanceof TasksError)) throw error;
    throw invalidSchedule(refusal, issuesOf(error));
  }
}

/** The task of one occurrence, which is its `scheduled_at`. The key keeps it the only one. */
export function taskOf({ id, task }: Pick<Schedule, "id" | "task">, occurrence: Date): TaskInput {
  return {
    ...task,
    reason: "scheduled",
    scheduled_at: occurrence,
    idempotency_key: `schedule:${id}:${occurrence.toISOString()}`,
  };
}

function issuesOf({ details, message }: TasksError): readonly FieldIssue[] {
  const { issues } = details;
  if (!Array.isArray(issues)) return [{ field: "task", message }];
  return (issues as FieldIssue[]).map((issue) => ({ ...issue, field: `task.${issue.field}` }));
}
