import type { DeliveryOutcome, FailedDelivery, ReceiverAnswer } from "@core/registry";
import { ambiguous } from "@core/registry";
import { storable } from "../store/storable-text.ts";

const TEXT_LIMIT = 4_000;
const FAILURES: readonly unknown[] = ["retryable", "permanent", "ambiguous", "misconfigured"];

/**
 * Reads what a dispatcher gave back, which is code of others: always an outcome that can be stored. What is none
 * counts as a lost answer, because nobody knows whether it was sent.
 */
export function readOutcome(value: unknown): DeliveryOutcome {
  const outcome = fieldsOf(value);
  switch (outcome["status"]) {
    case "delivered":
      return {
        status: "delivered",
        externalIds: textsOf(outcome["externalIds"]),
        ...answerOf(outcome["answer"]),
      };
    case "skipped":
      return { status: "skipped", reason: textOf(outcome["reason"], "No reason was given.") };
    case "failed":
      if (FAILURES.includes(outcome["failure"])) return failed(outcome);
  }
  const message = `The dispatcher gave back no outcome but ${describe(value)}. Let deliver return delivered(), skipped() or a failure.`;
  return ambiguous({ code: "outcome_invalid", message });
}

type Fields = Readonly<Record<string, unknown>>;

function failed(outcome: Fields): FailedDelivery {
  const { failure, retryAfterMs } = outcome;
  return {
    status: "failed",
    failure: failure as FailedDelivery["failure"],
    code: textOf(outcome["code"], "unknown"),
    message: textOf(outcome["message"], "No message was given."),
    ...(typeof retryAfterMs === "number" && { retryAfterMs }),
    ...answerOf(outcome["answer"]),
  };
}

function answerOf(value: unknown): { readonly answer?: ReceiverAnswer } {
  const { status, body } = fieldsOf(value);
  return typeof status === "number" ? { answer: { status, body: textOf(body, "") } } : {};
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string").map(storable) : [];
}

function textOf(value: unknown, missing: string): string {
  if (typeof value !== "string") return missing;
  return storable(value.length > TEXT_LIMIT ? `${value.slice(0, TEXT_LIMIT)}…` : value);
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return `an object with the status ${String(fieldsOf(value)["status"])}`;
}
