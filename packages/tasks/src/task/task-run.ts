import type { Clock, JsonValue, Logger, StreamSink } from "@core/registry";
import type { OpenResultStream } from "../delivery/result-stream.ts";
import { TasksError } from "../errors.ts";
import { ABORT_GRACE_MS } from "../lease/abort-grace.ts";
import { storableJson } from "../store/storable-text.ts";
import type { Note } from "../watch/note.ts";
import { logNote, progressNote } from "../watch/note.ts";
import type { ClaimedTask } from "./claimed-task.ts";
import type { Task } from "./task.ts";

/** Runs tasks of one type. What it gives back is the task's result and must be JSON; a throw is a failed run. */
export type TaskHandler = (task: Task, context: TaskRunContext) => Promise<unknown>;

export interface TaskRunContext {
  /** Aborted at `max_run_seconds`, when the task is cancelled, when the lease is lost and when the worker stops. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** The task's children as they are now, oldest first, such as those that `AwaitChildren` has waited for. */
  readonly children: () => Promise<readonly Task[]>;
  /**
   * Says how far the run is, from 0 to 1, or null where nobody knows. Returns at once and never throws: it is stored
   * with the next heartbeat or the end of the run, and only the newest.
   */
  readonly progress: (fraction: number | null, message?: string) => void;
  /**
   * Where the text of the task's result is shown while it grows. Finish it before the run ends; it does nothing where
   * the result goes nowhere, or nothing can be shown there before it is whole.
   */
  readonly stream: () => StreamSink;
  /** Writes a line into the task's log, in the same way. A task keeps its newest hundred lines of 1,000 characters. */
  readonly log: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
}

/** What came of a run. */
export type RunOutcome =
  | { readonly kind: "result"; readonly value: JsonValue }
  | { readonly kind: "refused"; readonly error: unknown }
  | { readonly kind: "error"; readonly error: unknown }
  | {
      readonly kind: "aborted";
      readonly reason: AbortReason;
      /** It did not end when it was told to, and may go on. */
      readonly isGivenUp: boolean;
    };

/** Why a run is told to end; its code says whether it timed out, was cancelled, lost its lease or has to stop. */
export type AbortReason = TasksError;

/** A run that is under way. */
export interface TaskRun {
  readonly outcome: Promise<RunOutcome>;
  /** Tells the handler to end, and gives it up a moment later. The first abort counts. */
  abort(reason: AbortReason): void;
}

export interface TaskRunOptions {
  readonly streamOf: OpenResultStream;
  readonly childrenOf: (taskId: string) => Promise<readonly Task[]>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Runs a claimed task; its outcome never rejects. `onNote` is told what the run says of itself, until its outcome is known. */
export function startRun(
  claimed: ClaimedTask,
  handler: TaskHandler,
  options: TaskRunOptions,
  onNote: (note: Note) => void,
): TaskRun {
  const { clock } = options;
  const { task } = claimed;
  const { promise: outcome, resolve } = Promise.withResolvers<RunOutcome>();
  const context = new RunContext(claimed, options, onNote);
  let abortedFor: AbortReason | undefined;
  let cancelTimer = clock.after(task.max_run_seconds * 1_000, () => abort(timeoutError(task)));
  void run();
  return { outcome, abort };

  function abort(reason: AbortReason): void {
    if (abortedFor !== undefined) return;
    abortedFor = reason;
    cancelTimer();
    // The work itself cannot be stopped; what it gives after this moment is dropped.
    cancelTimer = clock.after(ABORT_GRACE_MS, () => end({ kind: "aborted", reason, isGivenUp: true }));
    context.abort(reason);
  }

  async function run(): Promise<void> {
    const outcomeOfHandler = await endOf(handler, task, context);
    cancelTimer();
    end(abortedFor ? { kind: "aborted", reason: abortedFor, isGivenUp: false } : outcomeOfHandler);
  }

  function end(how: RunOutcome): void {
    context.silence();
    resolve(how);
  }
}

async function endOf(handler: TaskHandler, task: Task, context: TaskRunContext): Promise<RunOutcome> {
  try {
    return resultOf(await handler(task, context));
  } catch (error) {
    return { kind: "error", error };
  }
}

function resultOf(value: unknown): RunOutcome {
  try {
    return { kind: "result", value: storableJson(value) };
  } catch (error) {
    return { kind: "refused", error };
  }
}

/** Its parts are made when they are first asked for: most short handlers need none. */
class RunContext implements TaskRunContext {
  readonly #claimed: ClaimedTask;
  readonly #options: TaskRunOptions;
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #logger: Logger | undefined;
  #stream: StreamSink | undefined;
  #onNote: (note: Note) => void;

  constructor(claimed: ClaimedTask, options: TaskRunOptions, onNote: (note: Note) => void) {
    this.#claimed = claimed;
    this.#options = options;
    this.#onNote = onNote;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get logger(): Logger {
    const { id, attempt } = this.#claimed.task;
    return (this.#logger ??= this.#options.logger.child({ task_id: id, attempt }));
  }

  get children(): TaskRunContext["children"] {
    return () => this.#options.childrenOf(this.#claimed.task.id);
  }

  get stream(): TaskRunContext["stream"] {
    return () => (this.#stream ??= this.#options.streamOf(this.#claimed, this));
  }

  get progress(): TaskRunContext["progress"] {
    return (fraction, message) => this.#onNote(progressNote(fraction, message));
  }

  get log(): TaskRunContext["log"] {
    return (message, fields) => this.#onNote(logNote(message, fields));
  }

  /** Whatever a run that is over still says is dropped. */
  silence(): void {
    this.#onNote = () => {};
  }

  abort(reason: Error): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

function timeoutError(task: Task): TasksError {
  return new TasksError({
    code: "TASK_TIMED_OUT",
    message: `Task ${task.id} has run for ${task.max_run_seconds} s, which is all it may.`,
    details: { taskId: task.id, maxRunSeconds: task.max_run_seconds },
  });
}
