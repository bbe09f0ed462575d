import type { Clock, Logger } from "@core/registry";
import type { QueueDepth } from "../task/task-stats.ts";
import { diagnosticEmitters } from "./diagnostic-emitters.ts";
import type { Observation, Telemetry } from "./telemetry.ts";

/**
 * Hooks for metrics, events and errors, for those who have their own way of keeping them. All are optional; what they give
 * back is ignored, what they throw or reject with is logged.
 */
export interface Diagnostics {
  /** Counts are 1 or more, durations are in ms; the names are in the README. */
  emitMetric?(name: string, value: number, attributes: DiagnosticAttributes): unknown;
  emitEvent?(name: string, attributes: DiagnosticAttributes): unknown;
  /** What a handler or a call of `enqueue` threw, as it was thrown. */
  emitError?(error: unknown, attributes: DiagnosticAttributes): unknown;
}

export type DiagnosticAttributes = Readonly<Record<string, string | number | null>>;

/** How often the depth of queues is told. */
const SAMPLE_MS = 30_000;

/** Tells hooks what the queue does. What they throw or reject is logged. */
export function diagnosticsTelemetry(
  hooks: Diagnostics,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Telemetry {
  const { metric, event, fail, report } = diagnosticEmitters(hooks, logger);
  const tellDepth = ({ queue, type, oldest_due_ms, ...counts }: QueueDepth): void => {
    const { due, planned, in_lane, limited, running, waiting } = counts;
    for (const [state, count] of Object.entries({ due, planned, in_lane, limited, running, waiting })) {
      metric("queue.depth", count, { queue, type, state });
    }
    metric("queue.oldest_due_ms", oldest_due_ms ?? 0, { queue, type });
  };

  return {
    enqueue: () =>
      observation(({ created, taskIds, error }) => {
        if (error !== undefined) return fail(error, { operation: "enqueue" });
        for (const { type, queue } of created) metric("task.enqueued", 1, { type, queue });
        event("task.enqueued", { count: created.length, existing: taskIds.length - created.length });
      }),
    process({ taskId: task_id, type, queue, attempt, pickUpMs }) {
      const about = { task_id, type, queue, attempt };
      metric("task.pick_up_ms", pickUpMs, { type, queue });
      event("task.started", about);
      return observation(({ outcome, tookMs, errorType: error_type, error }) => {
        metric("task.run_ms", tookMs, { type, queue, outcome });
        if (outcome === "retry") metric("task.retried", 1, { type, queue });
        event("task.ended", { ...about, outcome, error_type });
        if (error !== undefined) fail(error, { operation: "process", ...about });
      });
    },
    deliver({ deliveryId: delivery_id, dispatchType: dispatch_type, kind, taskId: task_id, attempt }) {
      return observation(({ outcome, tookMs, errorType: error_type }) => {
        metric("delivery.attempt_ms", tookMs, { dispatch_type, kind, outcome });
        event("delivery.attempted", {
          delivery_id,
          dispatch_type,
          kind,
          task_id,
          attempt,
          outcome,
          error_type,
        });
      });
    },
    leaseLost: ({ taskId: task_id, type, queue, attempt }) => {
      metric("task.lease_lost", 1, { type, queue });
      event("task.lease_lost", { task_id, type, queue, attempt });
    },
    recovered: ({ taskId: task_id, type, queue, attempt }) => {
      metric("task.recovered", 1, { type, queue });
      event("task.recovered", { task_id, type, queue, attempt });
    },
    watchQueues(read) {
      if (hooks.emitMetric === undefined) return () => {};
      const sample = async (): Promise<void> => (await read()).forEach(tellDepth);
      return repeat(clock, SAMPLE_MS, () => sample().catch(report));
    },
  };
}

function observation<End>(end: (how: End) => void): Observation<End> {
  return { traceContext: null, within: (work) => work(), end };
}

/** Does something again and again, so long after the last time has ended. Gives back how to end it. */
function repeat(clock: Clock, everyMs: number, work: () => Promise<void>): () => void {
  let isOver = false;
  let cancel = plan();
  return () => {
    isOver = true;
    cancel();
  };

  function plan(): () => void {
    return clock.after(everyMs, () => {
      void work().finally(() => {
        if (!isOver) cancel = plan();
      });
    });
  }
}
