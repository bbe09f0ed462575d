import type { DeliveryOutcome } from "@core/registry";
import { ambiguous } from "@core/registry";

/** What a dispatcher gave back, if it is an outcome; anything else counts as a lost answer, as in the real outbox. */
export function readOutcome(value: unknown): DeliveryOutcome {
  if (isOutcome(value)) return value;
  return ambiguous({
    code: "outcome_invalid",
    message: `The dispatcher gave back no outcome but ${String(value)}. Let deliver return delivered(), skipped() or a failure.`,
  });
}

const FAILURES: readonly unknown[] = ["retryable", "permanent", "ambiguous", "misconfigured"];

function isOutcome(value: unknown): value is DeliveryOutcome {
  if (typeof value !== "object" || value === null || !("status" in value)) return false;
  if (value.status === "failed") return "failure" in value && FAILURES.includes(value.failure);
  return value.status === "delivered" || value.status === "skipped";
}
