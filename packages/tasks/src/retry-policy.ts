/** How often and how patiently something is tried again. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  /** The longest wait after each failed attempt; the last one repeats. Built by `exponentialDelays` or listed. */
  readonly delaysMs: readonly number[];
  /** `full`: anything from 0 to the delay. `fifth`: the delay, 20 % more or less. */
  readonly jitter: "full" | "fifth";
}

export type RetryPolicyName = "task_result" | "webhook_event";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Nobody is asked to wait longer than this, whatever a receiver says. */
export const LONGEST_RETRY_AFTER_MS: number = 24 * HOUR;

/**
 * Policies by name, as rows carry them.
 * `task_result`: 1 s doubling to 5 min, 12 attempts. `webhook_event`: the schedule that Standard Webhooks proposes
 * (https://github.com/standard-webhooks/standard-webhooks, "Deliverability and reliability"), ten attempts in about three days.
 */
export const retryPolicies: Readonly<Record<RetryPolicyName, RetryPolicy>> = {
  task_result: { maxAttempts: 12, delaysMs: exponentialDelays(SECOND, 5 * MINUTE), jitter: "full" },
  webhook_event: {
    maxAttempts: 10,
    delaysMs: [
      5 * SECOND,
      5 * MINUTE,
      30 * MINUTE,
      2 * HOUR,
      5 * HOUR,
      10 * HOUR,
      14 * HOUR,
      20 * HOUR,
      24 * HOUR,
    ],
    jitter: "fifth",
  },
};

/** A task's own retries: 1 s doubling to 5 min. How often is the task's `max_attempts`. */
export const taskRetryPolicy: RetryPolicy = {
  maxAttempts: Number.POSITIVE_INFINITY,
  delaysMs: exponentialDelays(SECOND, 5 * MINUTE),
  jitter: "full",
};

/**
 * How long to wait after a failed attempt (counted from 1), in milliseconds. `random` is in [0, 1).
 * A wait that the receiver asked for is kept to, at most a day.
 */
export function retryDelayMs(
  policy: RetryPolicy,
  attempt: number,
  random: () => number,
  retryAfterMs = 0,
): number {
  const index = Math.min(Math.max(attempt, 1), policy.delaysMs.length) - 1;
  const delay = policy.delaysMs[index] ?? 0;
  const jittered = policy.jitter === "full" ? delay * random() : delay * (0.8 + 0.4 * random());
  const asked = Number.isNaN(retryAfterMs) ? 0 : Math.min(Math.max(retryAfterMs, 0), LONGEST_RETRY_AFTER_MS);
  return Math.round(Math.max(jittered, asked));
}

/** Waits that double from `firstMs` until they reach `capMs`. @throws RangeError unless 0 < firstMs <= capMs */
export function exponentialDelays(firstMs: number, capMs: number): readonly number[] {
  if (!(firstMs > 0 && firstMs <= capMs && Number.isFinite(capMs))) {
    throw new RangeError(`Give exponentialDelays 0 < firstMs <= capMs; it got ${firstMs} and ${capMs}.`);
  }
  const doublings = Math.ceil(Math.log2(capMs / firstMs));
  return Array.from({ length: doublings + 1 }, (_, step) => Math.min(capMs, firstMs * 2 ** step));
}
