import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RetryPolicy } from "./retry-policy.ts";
import { LONGEST_RETRY_AFTER_MS, retryDelayMs, retryPolicies, taskRetryPolicy } from "./retry-policy.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const attempts = fc.integer({ min: 1, max: 200 });
const lots = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const policies = fc.constantFrom<RetryPolicy>(...Object.values(retryPolicies), taskRetryPolicy);

function listed(policy: RetryPolicy, attempt: number): number {
  return policy.delaysMs[Math.min(attempt, policy.delaysMs.length) - 1] ?? Number.NaN;
}

describe("retry policies", () => {
  it("task_result doubles from a second to five minutes over twelve attempts", () => {
    const { maxAttempts, delaysMs } = retryPolicies.task_result;
    expect(maxAttempts).toBe(12);
    expect(delaysMs.map((ms) => ms / SECOND)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
  });

  it("webhook_event follows the schedule of Standard Webhooks over ten attempts", () => {
    const { maxAttempts, delaysMs } = retryPolicies.webhook_event;
    expect(maxAttempts).toBe(delaysMs.length + 1);
    expect(delaysMs[0]).toBe(5 * SECOND);
    expect(delaysMs.at(-1)).toBe(24 * HOUR);
    expect(delaysMs).toEqual(delaysMs.toSorted((a, b) => a - b));
  });
});

describe("retryDelayMs", () => {
  it("stays between nothing and the listed delay with full jitter, and within a fifth of it otherwise", () => {
    fc.assert(
      fc.property(policies, attempts, lots, (policy, attempt, lot) => {
        const delay = retryDelayMs(policy, attempt, () => lot);
        const longest = listed(policy, attempt);
        const [low, high] = policy.jitter === "full" ? [0, longest] : [0.8 * longest, 1.2 * longest];
        expect(delay).toBeGreaterThanOrEqual(Math.round(low));
        expect(delay).toBeLessThanOrEqual(Math.round(high));
        expect(Number.isInteger(delay)).toBe(true);
      }),
    );
  });

  it("reaches both ends of the jitter", () => {
    expect(retryDelayMs(retryPolicies.task_result, 4, () => 0)).toBe(0);
    expect(retryDelayMs(retryPolicies.task_result, 4, () => 1)).toBe(8 * SECOND);
    expect(retryDelayMs(retryPolicies.webhook_event, 1, () => 0)).toBe(4 * SECOND);
    expect(retryDelayMs(retryPolicies.webhook_event, 1, () => 1)).toBe(6 * SECOND);
  });

  it("repeats the last delay for ever", () => {
    expect(retryDelayMs(taskRetryPolicy, 99, () => 1)).toBe(5 * MINUTE);
  });

  it("keeps what the receiver asked for, at most a day", () => {
    fc.assert(
      fc.property(policies, attempts, lots, fc.double({ noNaN: true }), (policy, attempt, lot, asked) => {
        const delay = retryDelayMs(policy, attempt, () => lot, asked);
        const jittered = retryDelayMs(policy, attempt, () => lot);
        const wanted = Math.min(Math.max(asked, 0), LONGEST_RETRY_AFTER_MS);
        expect(delay).toBe(Math.max(jittered, Math.round(wanted)));
        expect(delay).toBeLessThanOrEqual(1.2 * LONGEST_RETRY_AFTER_MS);
      }),
    );
  });

  it("takes a wait that is not a number for none", () => {
    expect(retryDelayMs(retryPolicies.task_result, 1, () => 0, Number.NaN)).toBe(0);
  });
});
