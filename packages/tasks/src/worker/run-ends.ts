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
import type { RunNotes, UnstoredNotes } from "../watch/run-notes.ts";
import type { PendingEnd } from "./end-queue.ts";

export interface RunEndsOptions extends EndOfRunDeps {
  readonly tasksOfEnds: TasksOfEnds;
  readonly observer: RunObserver;
  readonly notes: Pick<RunNotes, "take">;
  readonly push: (end: PendingEnd) => void;
}

interface EndedRun {
  readonly claimed: ClaimedTask;
  /** What it has said of itself and is not stored yet. */
  readonly notes: UnstoredNotes | undefined;
}

export type EndRun = (claimed: ClaimedTask, outcome: RunOutcome, tookMs: number) => void;

/** Makes what came of a run into an end that can be stored, with the new tasks that belong to it. */
export function createRunEnds(options: RunEndsOptions): EndRun {
  const { tasksOfEnds, settingsOf, observer, notes } = options;

  return (run, outcome, tookMs) => {
    const claimed = observer.traced(run);
    const end = endOfRun(options, claimed, outcome);
    observer.end(run, outcome, end, tookMs);
    const ended = { claimed, notes: notes.take(run.lease) };
    if (outcome.kind === "error" && outcome.error instanceof AwaitChildren)
      void awaitChildren(ended, end, outcome.error);
    else conclude(ended, end);
  };

  async function awaitChildren(run: EndedRun, end: TaskEnd, { children }: AwaitChildren): Promise<void> {
    try {
      push(run, await tasksOfEnds.withChildren(run.claimed, end, children));
    } catch (error) {
      fail(run, failureOf(error, settingsOf(run.claimed.task.type).retry));
    }
  }

  function fail(run: EndedRun, failure: TaskFailure): void {
    const { backoff } = settingsOf(run.claimed.task.type);
    conclude(run, failed(options, run.claimed, failure, backoff));
  }

  function conclude(run: EndedRun, end: TaskEnd): void {
    const { withFollowUps } = tasksOfEnds;
    if (withFollowUps === null) push(run, end);
    else void withFollowUps(run.claimed, end).then((whole) => push(run, whole));
  }

  function push(run: EndedRun, end: TaskEnd): void {
    const { claimed, notes: said } = run;
    const whole = said === undefined ? end : { ...end, notes: said };
    const isReplaceable = end.state === "complete" || end.state === "waiting";
    const replace = (error: unknown): void => fail(run, resultRefused(error));
    options.push({ claimed, ...endedTask(claimed, whole), ...(isReplaceable && { replace }) });
  }
}
