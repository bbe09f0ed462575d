import { isIntegrationError } from "@core/registry";
import { messageOf } from "../thrown-value.ts";
import type { FailureCode, TaskInput } from "./task.ts";

/** Thrown by a handler: run the task again, not earlier than this; after a day in any case. */
export class RetryAfter extends Error {
  readonly retryAfterMs: number;

  constructor(
    retryAfterMs: number,
    message = `Asked to be run again after ${retryAfterMs} ms.`,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "RetryAfter";
    this.retryAfterMs = retryAfterMs >= 0 ? retryAfterMs : 0;
  }
}

/** Thrown by a handler: never run this task again. */
export class NonRetryable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "NonRetryable";
  }
}

/** Thrown by a handler: not now; run the task again after this, as if it had not run. */
export class Snooze extends Error {
  readonly delayMs: number;

  constructor(delayMs: number, message = `Snoozed for ${delayMs} ms.`) {
    super(message);
    this.name = "Snooze";
    this.delayMs = delayMs;
  }
}

/**
 * Thrown by a handler: run the task again when all of its children have ended, these new ones and those that it has
 * already. It keeps its lane meanwhile, but no place of a worker, and the run does not count as an attempt.
 */
export class AwaitChildren extends Error {
  readonly children: readonly TaskInput[];

  constructor(children: readonly TaskInput[] = [], message = "Waits for its children.") {
    super(message);
    this.name = "AwaitChildren";
    this.children = children;
  }
}

/**
 * Which throws of a handler lead to another run. `any`: all but `NonRetryable`.
 * `classified`: only `RetryAfter` and errors whose `retryable` is true, because running it again has side effects.
 */
export type RetryRule = "any" | "classified";

/** What a failed run means for its task. */
export interface TaskFailure {
  readonly code: string;
  readonly message: string;
  /** The failure code the task ends with if it does not run again. */
  readonly failureCode: FailureCode;
  readonly retry: boolean;
  readonly retryAfterMs: number;
}

/** Reads a handler's throw. */
export function failureOf(error: unknown, rule: RetryRule): TaskFailure {
  const retry = isRetryable(error, rule);
  return {
    code: isIntegrationError(error) ? error.code : nameOf(error),
    message: messageOf(error),
    failureCode: retry ? "exhausted" : "non_retryable",
    retry,
    retryAfterMs: error instanceof RetryAfter ? error.retryAfterMs : 0,
  };
}

/** The task ran longer than it may. Not run again: it would most likely do the same. */
export function timedOut(maxRunSeconds: number): TaskFailure {
  const message = `Timed out after ${maxRunSeconds} s. Give the task more time with max_run_seconds.`;
  return { code: "timed_out", message, failureCode: "timed_out", retry: false, retryAfterMs: 0 };
}

/** What the handler gave back cannot be stored. Not run again: its side effects have happened. */
export function resultRefused(error: unknown): TaskFailure {
  const message = `The task ran, but its result could not be stored: ${messageOf(error)} Let the handler return a JSON value of a sensible size.`;
  return { code: "result_refused", message, failureCode: "non_retryable", retry: false, retryAfterMs: 0 };
}

/** The worker that ran the task died or lost its lease. */
export const leaseLost: TaskFailure = {
  code: "lease_lost",
  message: "The worker that ran this task died or could not be reached for too long.",
  failureCode: "lease_lost",
  retry: true,
  retryAfterMs: 0,
};

function isRetryable(error: unknown, rule: RetryRule): boolean {
  if (error instanceof NonRetryable) return false;
  if (error instanceof RetryAfter) return true;
  return rule === "any" || (isIntegrationError(error) && error.retryable);
}

function nameOf(error: unknown): string {
  try {
    return error instanceof Error ? error.name : "Error";
  } catch {
    return "Error";
  }
}
