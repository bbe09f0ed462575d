import type { Tasks, TaskWithDeliveries } from "@core/tasks";
import { ProblemError } from "./problem.ts";
import { wireRecord } from "./wire-record.ts";

/** Writes a task with its deliveries for the wire. */
export function wireTask(task: TaskWithDeliveries): Readonly<Record<string, unknown>> {
  return { ...wireRecord(task), deliveries: task.deliveries.map(wireRecord) };
}

/** Reads a task for the wire. @throws ProblemError TASK_NOT_FOUND */
export async function readWireTask(
  tasks: Pick<Tasks, "get">,
  id: string,
): Promise<Readonly<Record<string, unknown>>> {
  const task = await tasks.get(id);
  if (task === null) throw unknownTask(id);
  return wireTask(task);
}

export function unknownTask(id: string): ProblemError {
  return new ProblemError("TASK_NOT_FOUND", `There is no task ${id}. GET /api/v1/tasks lists them.`);
}
