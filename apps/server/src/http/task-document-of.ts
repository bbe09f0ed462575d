import type { Tasks } from "@core/tasks";
import { ProblemError } from "./problem.ts";
import { wireRecord } from "./wire-record.ts";

/** A task with its deliveries, for the wire. @throws ProblemError TASK_NOT_FOUND */
export async function taskDocument(tasks: Pick<Tasks, "get">, id: string): Promise<object> {
  const task = await tasks.get(id);
  if (task === null) throw unknownTask(id);
  return { ...wireRecord(task), deliveries: task.deliveries.map(wireRecord) };
}

export function unknownTask(id: string): ProblemError {
  return new ProblemError("TASK_NOT_FOUND", `There is no task ${id}. GET /api/v1/tasks lists them.`);
}
