import type { DeliveryOutcome, FailedDelivery, ReceiverAnswer } from "@core/registry";
import type { ParkReason } from "./delivery-record.ts";
import type { RetryPolicyName } from "../retry-policy.ts";
import { retryDelayMs, retryPolicies } from "../retry-policy.ts";

/** What an attempt's outcome means for its delivery. */
export interface DeliveryVerdict {
  readonly state: "delivered" | "skipped" | "pending" | "dead" | "held" | "parked";
  readonly parkReason: ParkReason | null;
  readonly skipReason: string | null;
  /** How long until it may be tried again, or, when held, until its line goes on without it. */
  readonly delayMs: number;
  /** An answer was lost: before it is sent again, somebody has to find out. */
  readonly uncertain: boolean;
  readonly failure: Pick<FailedDelivery, "code" | "message"> | null;
  readonly answer: ReceiverAnswer | null;
  readonly externalIds: readonly string[];
}

export interface AttemptFacts {
  /** Counted from 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly policy: RetryPolicyName;
  /** Whether a part was sent in this attempt: then it was not in vain, and there is another one. */
  readonly hasProgressed: boolean;
  /** Whether the dispatcher may find out later what became of a lost answer. */
  readonly canReconcile: boolean;
}

/** A held delivery keeps its line this long, for a person to decide; then the line goes on without it. */
export const HELD_LINE_MS: number = 10 * 60_000;

/** What was under way when an answer was lost may take this long to arrive; the receiver is not asked earlier. */
export const RECONCILE_AFTER_MS = 2_000;

/** Decides, without doing anything. */
export function verdictOf(
  outcome: DeliveryOutcome,
  facts: AttemptFacts,
  random: () => number,
): DeliveryVerdict {
  if (outcome.status === "skipped") return { ...nothing, state: "skipped", skipReason: outcome.reason };
  if (outcome.status === "delivered") {
    return {
      ...nothing,
      state: "delivered",
      answer: outcome.answer ?? null,
      externalIds: outcome.externalIds,
    };
  }
  const { code, message, answer = null } = outcome;
  return { ...nothing, failure: { code, message }, answer, ...afterFailure(outcome, facts, random) };
}

/** The same decision without what a receiver or a dispatcher said. */
export function withoutDetails(verdict: DeliveryVerdict): DeliveryVerdict {
  const failure = verdict.failure && {
    code: "details_refused",
    message: "The database refused the attempt's details.",
  };
  return { ...verdict, skipReason: null, failure, answer: null, externalIds: [] };
}

const nothing = {
  parkReason: null,
  skipReason: null,
  delayMs: 0,
  uncertain: false,
  failure: null,
  answer: null,
  externalIds: [],
} as const;

function afterFailure(
  outcome: FailedDelivery,
  { attempt, maxAttempts, policy, hasProgressed, canReconcile }: AttemptFacts,
  random: () => number,
): Pick<DeliveryVerdict, "state"> & Partial<DeliveryVerdict> {
  const last = attempt >= maxAttempts;
  const delayMs = retryDelayMs(retryPolicies[policy], attempt, random, outcome.retryAfterMs);
  switch (outcome.failure) {
    case "permanent":
      return { state: "dead" };
    case "misconfigured":
      return { state: "parked", parkReason: "misconfigured" };
    case "retryable":
      return last && !hasProgressed ? { state: "dead" } : { state: "pending", delayMs };
    case "ambiguous":
      return canReconcile && !last
        ? { state: "pending", delayMs: Math.max(delayMs, RECONCILE_AFTER_MS), uncertain: true }
        : { state: "held", delayMs: HELD_LINE_MS, uncertain: true };
  }
}
