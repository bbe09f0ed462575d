import type { ClaimedTask } from "../task/claimed-task.ts";
import type { EndOfRunDeps } from "../task/end-of-run.ts";
import { endOfRun } from "../task/end-of-run.ts";
import { endedTask } from "../task/exchange.ts";
import type { TaskEnd } from "../task/task-end.ts";
import { failed } from "../task/task-end.ts";
import type { TaskFailure } from "../task/task-failure.ts";
import { AwaitChildren, failureOf, resultRefused } from "../task/task-failure.ts";
import type { RunOutcome } from "../task/task-run.ts";
import type { TasksOfEnds } from "../task/tasks-of-end.ts";
import type { RunObserver } from "../telemetry/run-observation.ts";
import type { PendingEnd } from "./end-queue.ts";

export interface RunEndsOptions extends EndOfRunDeps {
  readonly tasksOfEnds: TasksOfEnds;
  readonly observer: RunObserver;
  readonly push: (end: PendingEnd) => void;
}

export type EndRun = (claimed: ClaimedTask, outcome: RunOutcome, tookMs: number) => void;

/** Makes what came of a run into an end that can be stored, with the new tasks that belong to it. */
export function createRunEnds(options: RunEndsOptions): EndRun {
  const { tasksOfEnds, settingsOf, observer } = options;

  return (run, outcome, tookMs) => {
    const claimed = observer.traced(run);
    const end = endOfRun(options, claimed, outcome);
    observer.end(run, outcome, end, tookMs);
    if (outcome.kind === "error" && outcome.error instanceof AwaitChildren)
      void awaitChildren(claimed, end, outcome.error);
    else conclude(claimed, end);
  };

  async function awaitChildren(
    claimed: ClaimedTask,
    end: TaskEnd,
    { children }: AwaitChildren,
  ): Promise<void> {
    try {
      push(claimed, await tasksOfEnds.withChildren(claimed, end, children));
    } catch (error) {
      fail(claimed, failureOf(error, settingsOf(claimed.task.type).retry));
    }
  }

  function fail(claimed: ClaimedTask, failure: TaskFailure): void {
    conclude(claimed, failed(options, claimed, failure, settingsOf(claimed.task.type).backoff));
  }

  function conclude(claimed: ClaimedTask, end: TaskEnd): void {
    const { withFollowUps } = tasksOfEnds;
    if (withFollowUps === null) push(claimed, end);
    else void withFollowUps(claimed, end).then((whole) => push(claimed, whole));
  }

  function push(claimed: ClaimedTask, end: TaskEnd): void {
    const isReplaceable = end.state === "complete" || end.state === "waiting";
    const replace = (error: unknown): void => fail(claimed, resultRefused(error));
    options.push({ claimed, ...endedTask(claimed, end), ...(isReplaceable && { replace }) });
  }
}
