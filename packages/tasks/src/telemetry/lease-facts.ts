import type { Task } from "../task/task.ts";
import type { LeaseFacts } from "./telemetry.ts";

/** What telemetry is told of a run whose lease is gone. */
export function leaseFacts({ id, type, queue, attempt }: Task): LeaseFacts {
  return { taskId: id, type, queue, attempt };
}
