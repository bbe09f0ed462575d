import { v7 as uuidv7 } from "uuid";
import type { TaskHandler } from "../task/task-run.ts";
import type { Settled } from "../task/task-end.ts";
import type { Task } from "../task/task.ts";

export interface WorkerOptions {
  /** By task type; the worker claims only these. Without handlers it only delivers. */
  readonly handlers: Readonly<Record<string, TaskHandler>>;
  /** The same over restarts, so that a restart takes over at once what its former life held. Default: random. */
  readonly workerId?: string;
  /** Default `["default"]`. */
  readonly queues?: readonly string[];
  /** Tasks at once. Default 8. */
  readonly concurrency?: number;
  /** Delivery attempts at once. Default 16. */
  readonly deliveryConcurrency?: number;
  /** Given up, and counted as a lost answer, after this. Default 60 s; dispatchers have shorter deadlines of their own. */
  readonly deliveryTimeoutMs?: number;
  /** Default 5 s. */
  readonly heartbeatMs?: number;
  /** A worker that has been silent for this long is dead. Default 15 s. */
  readonly deadAfterMs?: number;
  /** How long an idle worker sleeps at most; a quarter more or less. Default 1 s. */
  readonly pollMs?: number;
  /** Told after every run, and of tasks taken back from a dead worker; `pending` is a retry or a hand-back. What it throws is logged. */
  readonly onTaskSettled?: (task: Task, settled: Exclude<Settled, null>) => void | Promise<void>;
}

/** The options with nothing left open. */
export type WorkerSettings = Required<Omit<WorkerOptions, "workerId" | "onTaskSettled">> & {
  readonly id: string;
};

/** Fills in what was left out; the handlers are copied, so that later changes to the object have no effect. */
export function workerSettings(options: WorkerOptions): WorkerSettings {
  return {
    id: options.workerId ?? uuidv7(),
    handlers: { ...options.handlers },
    queues: options.queues ?? ["default"],
    concurrency: options.concurrency ?? 8,
    deliveryConcurrency: options.deliveryConcurrency ?? 16,
    deliveryTimeoutMs: options.deliveryTimeoutMs ?? 60_000,
    heartbeatMs: options.heartbeatMs ?? 5_000,
    deadAfterMs: options.deadAfterMs ?? 15_000,
    pollMs: options.pollMs ?? 1_000,
  };
}
