import type { ClaimedTask } from "../task/claimed-task.ts";
import type { EndOfRunDeps } from "../task/end-of-run.ts";
import { endOfRun } from "../task/end-of-run.ts";
import { claimedEnd } from "../task/exchange.ts";
import type { TaskEnd } from "../task/task-end.ts";
import { failed } from "../task/task-end.ts";
import type { TaskFailure } from "../task/task-failure.ts";
import { AwaitChildren, failureOf, resultRefused } from "../task/task-failure.ts";
import type { RunOutcome, TaskRun, TaskRunOptions } from "../task/task-run.ts";
import { startRun } from "../task/task-run.ts";
import type { TasksOfEnds } from "../task/tasks-of-end.ts";
import { createRunObserver } from "../telemetry/run-observation.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Note } from "../watch/note.ts";
import type { RunNotes, UnstoredNotes } from "../watch/run-notes.ts";
import type { PendingEnd } from "./end-queue.ts";
import type { WorkerSettings } from "./worker-options.ts";

/** The runs of a worker, from the handler's call to an end that can be stored. */
export interface TaskRuns {
  start(claimed: ClaimedTask, waitedMs: number): TaskRun;
  /** Makes what came of a run into its end, with the new tasks that belong to it. */
  end(claimed: ClaimedTask, outcome: RunOutcome, tookMs: number): void;
  /** The run has no end: it may go on, although it was told not to. */
  forget(claimed: ClaimedTask, outcome: RunOutcome, tookMs: number): void;
}

export interface TaskRunsOptions extends EndOfRunDeps, TaskRunOptions, Pick<WorkerSettings, "handlers"> {
  readonly tasksOfEnds: TasksOfEnds;
  readonly telemetry: Telemetry | null;
  readonly notes: Pick<RunNotes, "add" | "take">;
  readonly push: (end: PendingEnd) => void;
}

interface EndedRun {
  readonly claimed: ClaimedTask;
  /** What it has said of itself and is not stored yet. */
  readonly notes: UnstoredNotes | undefined;
}

export function createTaskRuns(options: TaskRunsOptions): TaskRuns {
  const { handlers, tasksOfEnds, settingsOf, notes } = options;
  const observer = createRunObserver(options.telemetry);

  return {
    start(claimed, waitedMs) {
      const { task } = claimed;
      const handler = handlers[task.type];
      if (handler === undefined) throw new Error(`There is no handler for type "${task.type}".`);
      const onNote = (note: Note): void => notes.add(claimed, note);
      return startRun(claimed, observer.begin(claimed, handler, waitedMs), options, onNote);
    },
    end(run, outcome, tookMs) {
      const claimed = observer.traced(run);
      const end = endOfRun(options, claimed, outcome);
      observer.end(run, outcome, end, tookMs);
      const ended = { claimed, notes: notes.take(run.lease) };
      if (outcome.kind === "error" && outcome.error instanceof AwaitChildren)
        void awaitChildren(ended, end, outcome.error);
      else conclude(ended, end);
    },
    forget(claimed, outcome, tookMs) {
      notes.take(claimed.lease);
      observer.end(claimed, outcome, null, tookMs);
    },
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
    const pending = claimedEnd(claimed, whole);
    if (end.state !== "complete" && end.state !== "waiting") return options.push(pending);
    options.push({ ...pending, replace: (error) => fail(run, resultRefused(error)) });
  }
}
