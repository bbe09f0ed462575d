import type { JsonValue } from "@core/registry";
import { TasksError } from "../errors.ts";
import type { TaskWithDeliveries } from "../task/task.ts";
import type { WatchDeps, WatchOptions } from "./watch-task.ts";
import { isEnded, watchTask } from "./watch-task.ts";

export interface ResultOptions extends WatchOptions {
  /** How long is waited for it. Default: for ever. */
  readonly timeoutMs?: number;
}

/**
 * Waits for a task's result.
 * @throws TasksError TASK_FAILED, TASK_CANCELLED, TASK_NOT_FOUND, RESULT_TIMED_OUT; the reason of an aborted signal
 */
export async function taskResult(
  deps: WatchDeps,
  id: string,
  { signal, timeoutMs }: ResultOptions = {},
): Promise<JsonValue> {
  const deadline = new AbortController();
  const isForEver = timeoutMs === undefined;
  const cancel = isForEver
    ? (): void => {}
    : deps.clock.after(timeoutMs, () => deadline.abort(timedOut(id, timeoutMs)));
  try {
    return resultOf(await ended(deps, id, AbortSignal.any([deadline.signal, ...(signal ? [signal] : [])])));
  } finally {
    cancel();
  }
}

/** The task once it has ended; one that somebody has set going again in between is waited for again. */
async function ended(deps: WatchDeps, id: string, signal: AbortSignal): Promise<TaskWithDeliveries> {
  for await (const event of watchTask(deps, id, { signal })) {
    if (event.type === "snapshot" && isEnded(event.task.state)) return event.task;
  }
  return ended(deps, id, signal);
}

function resultOf({ id, state, result, failure_code: code, errors }: TaskWithDeliveries): JsonValue {
  if (state === "complete") return result;
  if (state === "cancelled") {
    throw new TasksError({
      code: "TASK_CANCELLED",
      message: `Task ${id} was cancelled, so it has no result.`,
      details: { id },
    });
  }
  throw new TasksError({
    code: "TASK_FAILED",
    message: `Task ${id} failed (${code}): ${errors.at(-1)?.message ?? "its errors say why"}`,
    details: { id, failure_code: code, errors },
  });
}

function timedOut(id: string, timeoutMs: number): TasksError {
  return new TasksError({
    code: "RESULT_TIMED_OUT",
    message: `Task ${id} has not ended within ${timeoutMs} ms. It goes on; ask again, or cancel it.`,
    retryable: true,
    details: { id, timeoutMs },
  });
}
