import type { FieldIssue } from "@core/registry";
import { v7 as uuidv7 } from "uuid";
import { invalidOptions } from "../errors.ts";
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
  /** Delivery attempts at once; with 0 it leaves deliveries to others. Default 16. */
  readonly deliveryConcurrency?: number;
  /** Of one target at once, so that one that hangs leaves places to the others. Default a quarter of them, at least 1. */
  readonly deliveriesPerTarget?: number;
  /** Given up, and counted as a lost answer, after this. Default 60 s; dispatchers have shorter deadlines of their own. */
  readonly deliveryTimeoutMs?: number;
  /** Default 5 s. */
  readonly heartbeatMs?: number;
  /** A worker that has been silent for this long is dead. Default 15 s. */
  readonly deadAfterMs?: number;
  /** How long an idle worker sleeps at most; a quarter more or less. Default 1 s. */
  readonly pollMs?: number;
  /** Whether it also makes the tasks of schedules when they are due. Default true. */
  readonly schedules?: boolean;
  /** Told after every run, and of tasks taken back from a dead worker; `pending` is a retry or a hand-back. What it throws is logged. */
  readonly onTaskSettled?: (task: Task, settled: Exclude<Settled, null>) => void | Promise<void>;
}

/** The options with nothing left open. */
export type WorkerSettings = Required<Omit<WorkerOptions, "workerId" | "onTaskSettled">> & {
  readonly id: string;
};

/**
 * Fills in what was left out; the handlers are copied, so that later changes to the object have no effect.
 * @throws TasksError OPTIONS_INVALID
 */
export function workerSettings(options: WorkerOptions): WorkerSettings {
  const deliveryConcurrency = options.deliveryConcurrency ?? 16;
  const settings = {
    id: options.workerId ?? uuidv7(),
    handlers: { ...options.handlers },
    queues: options.queues ?? ["default"],
    concurrency: options.concurrency ?? 8,
    deliveryConcurrency,
    deliveriesPerTarget: options.deliveriesPerTarget ?? Math.max(Math.floor(deliveryConcurrency / 4) || 1, 1),
    deliveryTimeoutMs: options.deliveryTimeoutMs ?? 60_000,
    heartbeatMs: options.heartbeatMs ?? 5_000,
    deadAfterMs: options.deadAfterMs ?? 15_000,
    pollMs: options.pollMs ?? 1_000,
    schedules: options.schedules ?? true,
  };
  const issues = issuesOf(settings);
  if (issues.length > 0) throw invalidOptions("The worker was not made.", issues);
  return settings;
}

const counts = ["concurrency", "deliveryConcurrency", "deliveriesPerTarget"] as const;
const durations = ["deliveryTimeoutMs", "heartbeatMs", "deadAfterMs", "pollMs"] as const;

/** The longest that a timer takes. */
const LONGEST_MS = 2_147_483_647;

function issuesOf(settings: WorkerSettings): readonly FieldIssue[] {
  const issues: FieldIssue[] = [];
  const check = (field: keyof WorkerOptions, isRight: boolean, message: string): void => {
    if (!isRight) issues.push({ field, message });
  };
  for (const field of counts) {
    const count = settings[field];
    const least = field === "deliveryConcurrency" ? 0 : 1;
    check(
      field,
      Number.isSafeInteger(count) && count >= least,
      `${count} is not a whole number from ${least} on.`,
    );
  }
  for (const field of durations) {
    const ms = settings[field];
    check(
      field,
      ms > 0 && ms <= LONGEST_MS,
      `${ms} is not a number of milliseconds from 1 to ${LONGEST_MS}.`,
    );
  }
  const { id, queues, heartbeatMs, deadAfterMs } = settings;
  check("deadAfterMs", !(deadAfterMs <= heartbeatMs), `It must be more than heartbeatMs, ${heartbeatMs}.`);
  check("workerId", id !== "", "It may not be empty.");
  check("queues", queues.length > 0, 'A worker needs a queue to look in. Leave it out to serve "default".');
  return issues;
}
