import type { ClaimedTask } from "../task/claimed-task.ts";
import type { TaskEnd } from "../task/task-end.ts";
import type { RunOutcome, TaskHandler } from "../task/task-run.ts";
import type { Observation, RunEnd, Telemetry } from "./telemetry.ts";

/** The runs of one worker, as telemetry sees them. */
export interface RunObserver {
  /** A run begins, so many ms after its task arrived here. Gives back the handler to call. */
  begin(claimed: ClaimedTask, handler: TaskHandler, waitedMs: number): TaskHandler;
  /** The claimed task as that from which its end is made: its deliveries belong to the run's trace. */
  traced(claimed: ClaimedTask): ClaimedTask;
  /** The run has ended; null: it goes back without an end. */
  end(claimed: ClaimedTask, outcome: RunOutcome, end: TaskEnd | null, tookMs: number): void;
}

export function createRunObserver(telemetry: Telemetry | null): RunObserver {
  if (telemetry === null) return blind;
  const runs = new WeakMap<ClaimedTask, Observation<RunEnd>>();

  return {
    begin(claimed, handler, waitedMs) {
      const { task, lease, readyAt } = claimed;
      const claimedAt = task.started_at ?? readyAt;
      const run = telemetry.process({
        taskId: task.id,
        type: task.type,
        queue: task.queue,
        attempt: task.attempt,
        workerId: lease.worker.id,
        traceContext: task.trace_context,
        pickUpMs: Math.max(claimedAt.getTime() - readyAt.getTime(), 0) + waitedMs,
      });
      runs.set(claimed, run);
      return (given, context) => run.within(() => handler(given, context));
    },
    traced(claimed) {
      const traceContext = runs.get(claimed)?.traceContext ?? null;
      if (traceContext === null) return claimed;
      return { ...claimed, task: { ...claimed.task, trace_context: traceContext } };
    },
    end(claimed, outcome, end, tookMs) {
      runs.get(claimed)?.end(runEnd(outcome, end, tookMs));
    },
  };
}

const blind: RunObserver = {
  begin: (_claimed, handler) => handler,
  traced: (claimed) => claimed,
  end: () => undefined,
};

function runEnd(outcome: RunOutcome, end: TaskEnd | null, tookMs: number): RunEnd {
  const errorType = end?.error?.code ?? null;
  const name = nameOf(outcome, end);
  if (errorType === null || outcome.kind === "result") return { outcome: name, tookMs, errorType };
  const error = outcome.kind === "aborted" ? outcome.reason : outcome.error;
  return { outcome: name, tookMs, errorType, error };
}

function nameOf(outcome: RunOutcome, end: TaskEnd | null): RunEnd["outcome"] {
  if (outcome.kind === "aborted" && outcome.reason.code === "LEASE_LOST") return "lost";
  if (end === null) return "returned";
  if (end.state !== "pending") return end.state;
  return end.error === undefined ? "returned" : "retry";
}
