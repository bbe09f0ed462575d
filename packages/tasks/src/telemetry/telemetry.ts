import type { DeliveryKind } from "@core/registry";
import type { TraceContext } from "../task/task.ts";
import type { QueueDepth } from "../task/task-stats.ts";

/**
 * Is told what the queue does. It is given names, counts and durations, and never what a task was given, what came of
 * it, or where that goes. What it throws is logged and changes nothing.
 */
export interface Telemetry {
  /** Tasks are about to be stored together. */
  enqueue(tasks: EnqueueFacts): Observation<EnqueueEnd>;
  /** A worker begins to run a task. */
  process(run: RunFacts): Observation<RunEnd>;
  /** A worker begins an attempt at a delivery. */
  deliver(attempt: DeliveryFacts): Observation<DeliveryEnd>;
  /** The end of a run was dropped, since its task belongs to another attempt by now. */
  leaseLost(run: LeaseFacts): void;
  /** What a dead worker ran was taken back. */
  recovered(run: LeaseFacts): void;
  /** A worker of this process is up: `read` tells what lives in the queues, at most 30 s old. Gives back how to end it. */
  watchQueues(read: () => Promise<readonly QueueDepth[]>): () => void;
}

/** One piece of work, from its begin to its end. */
export interface Observation<End> {
  /** The headers that carry its trace on to what comes of it; null: none. */
  readonly traceContext: TraceContext | null;
  /** Calls something as a part of it. */
  within<Result>(work: () => Result): Result;
  end(how: End): void;
}

export interface EnqueueFacts {
  readonly count: number;
  /** Of the first task; null where they differ. */
  readonly type: string | null;
  readonly queue: string | null;
}

/** `created` leaves out those that existed already. */
export interface EnqueueEnd {
  readonly created: readonly { readonly type: string; readonly queue: string }[];
  readonly taskIds: readonly string[];
  /** A code or the name of the error; null: it did not fail. */
  readonly errorType: string | null;
  readonly error?: unknown;
}

export interface RunFacts {
  readonly taskId: string;
  readonly type: string;
  readonly queue: string;
  readonly attempt: number;
  readonly workerId: string;
  readonly traceContext: TraceContext | null;
  /** From when its turn came to its start. */
  readonly pickUpMs: number;
}

/**
 * `retry`: it failed and runs again. `returned`: a snooze or a hand-back, which does not count. `lost`: it was aborted
 * because its lease is lost.
 */
export type RunOutcomeName = "complete" | "failed" | "cancelled" | "waiting" | "retry" | "returned" | "lost";

export interface RunEnd {
  readonly outcome: RunOutcomeName;
  readonly tookMs: number;
  /** A code such as `timed_out`, or the name of the error; null: it did not fail. */
  readonly errorType: string | null;
  readonly error?: unknown;
}

export interface DeliveryFacts {
  readonly deliveryId: string;
  readonly dispatchType: string;
  readonly kind: DeliveryKind;
  readonly taskId: string | null;
  readonly attempt: number;
  readonly traceContext: TraceContext | null;
}

export interface DeliveryEnd {
  /** `returned`: given back unsent, by a worker that stops. Otherwise as dispatchers say. */
  readonly outcome:
    | "delivered"
    | "skipped"
    | "retryable"
    | "permanent"
    | "ambiguous"
    | "misconfigured"
    | "returned";
  readonly tookMs: number;
  readonly errorType: string | null;
}

export interface LeaseFacts {
  readonly taskId: string;
  readonly type: string;
  readonly queue: string;
  readonly attempt: number;
}
