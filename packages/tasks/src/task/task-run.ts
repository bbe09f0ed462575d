import type { Clock, JsonValue, Logger } from "@core/registry";
import { settledBeforeAbort } from "../lease/abort-grace.ts";
import { TasksError } from "../errors.ts";
import type { PersistOptions } from "../lease/persistence.ts";
import { persist } from "../lease/persistence.ts";
import { storableJson } from "../store/storable-text.ts";
import type { ClaimedTask } from "./task-claim.ts";
import type { RetryRule } from "./task-failure.ts";
import { failureOf, resultRefused, timedOut } from "./task-failure.ts";
import type { SettlementDeps, Settled } from "./task-settlement.ts";
import { completeTask, failTask, releaseTask } from "./task-settlement.ts";
import type { Task } from "./task.ts";

/** Runs tasks of one type. What it gives back is the task's result and must be JSON; a throw is a failed run. */
export type TaskHandler = (task: Task, context: TaskRunContext) => Promise<unknown>;

export interface TaskRunContext {
  /** Aborted at `max_run_seconds`, when the lease is lost and when the worker stops. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

export interface TaskRunDeps extends SettlementDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hopeless: PersistOptions["hopeless"];
  readonly onSettled: (task: Task, settled: Settled) => void;
}

/** Runs a claimed task to its end and stores what came of it. Never rejects. */
export async function runTask(
  { task, lease }: ClaimedTask,
  handler: TaskHandler,
  rule: RetryRule,
  stop: AbortSignal,
  deps: TaskRunDeps,
): Promise<void> {
  const logger = deps.logger.child({ task_id: task.id, attempt: task.attempt });
  const end = await runHandler(task, handler, stop, { ...deps, logger });
  const settled = await persist(() => store(end), { ...deps, logger })
    .catch(refused)
    .catch(gaveUp);
  if (settled === null)
    logger.warn({ code: "LEASE_LOST" }, "The run's outcome was dropped: its lease is lost.");
  deps.onSettled(task, settled);

  /** A result that the database will never take must not leave its task running for ever. */
  function refused(error: unknown): Promise<Settled> {
    return persist(() => store({ kind: "refused", error }), { ...deps, logger });
  }

  function gaveUp(error: unknown): null {
    logger.error({ err: error }, "The end of the run could not be stored in any form.");
    return null;
  }

  async function store(outcome: RunOutcome): Promise<Settled> {
    switch (outcome.kind) {
      case "result":
        return completeTask(deps, lease, outcome.value);
      case "timed_out":
        return failTask(deps, lease, timedOut(task.max_run_seconds));
      case "stopped":
        return (await releaseTask(deps.store, lease)) ? "pending" : null;
      case "refused":
        logger.warn({ err: outcome.error }, "The run's result could not be stored.");
        return failTask(deps, lease, resultRefused(outcome.error));
      case "error":
        logger.warn({ err: outcome.error }, "The run failed.");
        return failTask(deps, lease, failureOf(outcome.error, rule));
    }
  }
}

type RunOutcome =
  | { readonly kind: "result"; readonly value: JsonValue }
  | { readonly kind: "refused"; readonly error: unknown }
  | { readonly kind: "error"; readonly error: unknown }
  | { readonly kind: "timed_out" }
  | { readonly kind: "stopped" };

async function runHandler(
  task: Task,
  handler: TaskHandler,
  stop: AbortSignal,
  { clock, logger }: Pick<TaskRunDeps, "clock" | "logger">,
): Promise<RunOutcome> {
  const timeout = new AbortController();
  const cancel = clock.after(task.max_run_seconds * 1_000, () => timeout.abort(timeoutError(task)));
  const signal = AbortSignal.any([stop, timeout.signal]);
  try {
    const work = Promise.resolve().then(() => handler(task, { signal, logger }));
    const value = await settledBeforeAbort(work, signal, clock);
    return timeout.signal.aborted ? { kind: "timed_out" } : resultOf(value);
  } catch (error) {
    if (timeout.signal.aborted) return { kind: "timed_out" };
    return stop.aborted ? { kind: "stopped" } : { kind: "error", error };
  } finally {
    cancel();
  }
}

function resultOf(value: unknown): RunOutcome {
  try {
    return { kind: "result", value: storableJson(value) };
  } catch (error) {
    return { kind: "refused", error };
  }
}

function timeoutError(task: Task): TasksError {
  return new TasksError({
    code: "TASK_TIMED_OUT",
    message: `Task ${task.id} has run for ${task.max_run_seconds} s, which is all it may.`,
    details: { taskId: task.id, maxRunSeconds: task.max_run_seconds },
  });
}
