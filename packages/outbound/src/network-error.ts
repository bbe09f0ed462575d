import { OutboundError } from "./errors.ts";
import type { Sent } from "./errors.ts";

// undici keeps its own names for what the system calls ECONNRESET and ETIMEDOUT.
const TRANSIENT = new Set([
  "ETIMEDOUT",
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EAI_AGAIN",
  "ENETUNREACH",
  "ENETDOWN",
  "EHOSTUNREACH",
  "EPIPE",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);

/** Turns a failure of DNS, TCP, TLS or HTTP into an OUTBOUND_NETWORK; `retryable` when it is likely to pass soon. */
export function networkError(
  cause: unknown,
  facts: { host: string; sent: Sent; url?: string; status?: number },
): OutboundError {
  const networkCode = systemCode(cause) ?? "UNKNOWN";
  const arrival = facts.sent === "no" ? "Nothing was sent." : "The request may have arrived.";
  return new OutboundError({
    code: "OUTBOUND_NETWORK",
    message: `The request to ${facts.url ?? facts.host} failed (${networkCode}). ${arrival}`,
    retryable: TRANSIENT.has(networkCode),
    details: { ...facts, network_code: networkCode },
    cause,
  });
}

/** Several addresses tried at once fail as one AggregateError; its first cause speaks for all. */
function systemCode(error: unknown): string | null {
  if (typeof error !== "object" || error === null) return null;
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError) return systemCode(error.errors[0]);
  return error instanceof Error ? systemCode(error.cause) : null;
}
