import { ambiguous, delivered, permanent, retryable } from "@core/registry";
import type { DeliveryOutcome } from "@core/registry";
import { sentOf } from "./errors.ts";
import type { OutboundError, OutboundErrorCode } from "./errors.ts";
import type { DeliveryAttempt } from "./json-delivery.ts";

/**
 * `task_result`: 408, 429 and 5xx may pass, any other refusal is final.
 * `webhook_event`: only 2xx and 410 are final, as Standard Webhooks says.
 */
export type DeliveryPolicy = "task_result" | "webhook_event";

export interface JudgementOptions {
  readonly policy: DeliveryPolicy;
  /** The receiver drops a second delivery with the same id, so that a lost answer may be sent again. */
  readonly idempotent: boolean;
}

/** Judges one attempt: what arrived, what may be tried again, what never will arrive. */
export function deliveryOutcome(attempt: DeliveryAttempt, options: JudgementOptions): DeliveryOutcome {
  return attempt.status === "failed"
    ? failureOutcome(attempt.error, options.idempotent)
    : answerOutcome(attempt, options.policy);
}

function answerOutcome(
  attempt: DeliveryAttempt & { status: "answered" },
  policy: DeliveryPolicy,
): DeliveryOutcome {
  const { answer, retryAfterMs } = attempt;
  const { status } = answer;
  if (status >= 200 && status < 300) return delivered({ answer });
  if (policy === "webhook_event" && status === 410) return permanent({ code: "gone", message: GONE, answer });

  const failure = { code: `http_${status}`, message: answerMessage(status), answer };
  const mayPass = policy === "webhook_event" || status === 408 || status === 429 || status >= 500;
  if (!mayPass) return permanent(failure);
  return retryable({ ...failure, ...(retryAfterMs !== null && { retryAfterMs }) });
}

const GONE = "The receiver answered 410: it wants no more events.";

function answerMessage(status: number): string {
  const isRedirect = status >= 300 && status < 400;
  return isRedirect
    ? `The receiver answered ${status}. Redirects are not followed: use the final address as the target.`
    : `The receiver answered ${status}.`;
}

function failureOutcome(error: OutboundError, isIdempotent: boolean): DeliveryOutcome {
  const { code, message } = error;
  const finalCode = FINAL_CODES[code];
  if (finalCode) return permanent({ code: finalCode, message });
  const failure = { code: PASSING_CODES[code] ?? "aborted", message };
  return isIdempotent || sentOf(error) === "no" ? retryable(failure) : ambiguous(failure);
}

type CodeNames = { readonly [Code in OutboundErrorCode]?: string };

const FINAL_CODES: CodeNames = {
  OUTBOUND_ADDRESS_REFUSED: "address_refused",
  OUTBOUND_URL_INVALID: "url_invalid",
  OUTBOUND_REQUEST_INVALID: "request_invalid",
};

const PASSING_CODES: CodeNames = {
  OUTBOUND_TIMEOUT: "timeout",
  OUTBOUND_NETWORK: "network_error",
};
