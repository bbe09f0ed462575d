import type { Logger } from "@core/registry";
import type { ClaimedTask } from "./claimed-task.ts";
import type { TaskEnd, TaskEndDeps } from "./task-end.ts";
import { cancelled, completed, failed, handedBack, waiting } from "./task-end.ts";
import { AwaitChildren, failureOf, resultRefused, Snooze, timedOut } from "./task-failure.ts";
import type { RunOutcome } from "./task-run.ts";
import type { TaskTypeSettings } from "./task-type.ts";

export interface EndOfRunDeps extends TaskEndDeps {
  readonly settingsOf: (type: string) => TaskTypeSettings;
  readonly logger: Logger;
}

/** What is to be stored of a run. */
export function endOfRun(deps: EndOfRunDeps, claimed: ClaimedTask, outcome: RunOutcome): TaskEnd {
  const { task } = claimed;
  const { retry, backoff } = deps.settingsOf(task.type);
  const about = { task_id: task.id, attempt: task.attempt };
  switch (outcome.kind) {
    case "result":
      return completed(deps, claimed, outcome.value);
    case "refused":
      deps.logger.warn({ ...about, err: outcome.error }, "The run's result could not be stored.");
      return failed(deps, claimed, resultRefused(outcome.error), backoff);
    case "error":
      if (outcome.error instanceof Snooze) return handedBack(claimed, outcome.error.delayMs);
      if (outcome.error instanceof AwaitChildren) return waiting(claimed);
      deps.logger.warn({ ...about, err: outcome.error }, "The run failed.");
      return failed(deps, claimed, failureOf(outcome.error, retry), backoff);
    case "aborted":
      if (outcome.reason.code === "TASK_TIMED_OUT")
        return failed(deps, claimed, timedOut(task.max_run_seconds), backoff);
      if (outcome.reason.code === "TASK_CANCELLED") return cancelled(claimed);
      return handedBack(claimed);
  }
}
