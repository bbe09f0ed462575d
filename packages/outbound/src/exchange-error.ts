import { isOutboundError, OutboundError } from "./errors.ts";
import type { Sent } from "./errors.ts";
import { networkError } from "./network-error.ts";
import { maskUrl } from "./url-mask.ts";

/** What is known of an exchange at the moment it fails. */
export interface ExchangeFacts {
  readonly url: URL;
  readonly sent: Sent;
  /** Set once the head of the answer has been read. */
  readonly status: number | null;
}

/** The error of an exchange that has passed its deadline. */
export function timeoutError(facts: ExchangeFacts, timeoutMs: number): OutboundError {
  return new OutboundError({
    code: "OUTBOUND_TIMEOUT",
    message: `${maskUrl(facts.url)} did not answer completely within ${timeoutMs} ms.`,
    retryable: true,
    details: { ...factDetails(facts), timeout_ms: timeoutMs },
  });
}

/** The error of an exchange whose caller no longer wants it. */
export function abortedError(facts: ExchangeFacts, cause: unknown): OutboundError {
  return new OutboundError({
    code: "OUTBOUND_ABORTED",
    message: `The request to ${maskUrl(facts.url)} was aborted by its caller.`,
    details: factDetails(facts),
    cause,
  });
}

/** The error for what undici, the guard, DNS, TCP or TLS reported. */
export function sendingError(error: unknown, facts: ExchangeFacts): OutboundError {
  if (isOutboundError(error)) {
    const { code, message, retryable, details } = error;
    return new OutboundError({
      code,
      message,
      retryable,
      details: { ...details, ...factDetails(facts) },
      cause: error,
    });
  }
  const isMisuse = error instanceof Error && "code" in error && error.code === "UND_ERR_INVALID_ARG";
  if (!isMisuse) return networkError(error, factDetails(facts));
  return new OutboundError({
    code: "OUTBOUND_REQUEST_INVALID",
    message: `The request to ${maskUrl(facts.url)} cannot be written: ${error.message}.`,
    details: factDetails(facts),
    cause: error,
  });
}

function factDetails(facts: ExchangeFacts): { url: string; host: string; sent: Sent; status?: number } {
  const { url, sent, status } = facts;
  return { url: maskUrl(url), host: url.hostname, sent, ...(status !== null && { status }) };
}
