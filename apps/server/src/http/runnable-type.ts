import { ProblemError } from "./problem.ts";

/** Refuses a type of task that nobody here runs, for a new task or for the task of a schedule. */
export function assertRunnable(type: string, known: readonly string[], place: "type" | "task.type"): void {
  if (known.includes(type)) return;
  const message = `Nobody here runs tasks of type "${type}". Use one of ${known.join(", ")}, or leave type out.`;
  const errors = [{ field: place, message }];
  throw place === "type"
    ? new ProblemError("TASK_INVALID", `The task was not stored. type: ${message}`, { errors })
    : new ProblemError("SCHEDULE_INVALID", `The schedule was not stored. task.type: ${message}`, { errors });
}
