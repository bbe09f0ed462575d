import { OutboundError } from "./errors.ts";
import type { Outbound, OutboundRequest, OutboundResponse } from "./outbound.ts";
import { maskUrl } from "./url-mask.ts";

export interface OutboundFetchOptions {
  /** From the call to the last byte of the answer. Default 30,000. */
  readonly timeoutMs?: number;
  /** Default 10 MiB. */
  readonly maxResponseBytes?: number;
  /** What happens to a longer answer: `refuse` (default) rejects, `cut` returns its beginning. */
  readonly oversize?: "refuse" | "cut";
}

/**
 * A `fetch` whose every request passes the guard. Unlike the global one it follows no redirect (a 3xx is returned),
 * reads the answer's body before it resolves, and rejects with an OutboundError. A stream is sent as it comes.
 */
export function createOutboundFetch(outbound: Outbound, options: OutboundFetchOptions = {}): typeof fetch {
  const { timeoutMs = 30_000, maxResponseBytes = 10 * 1024 * 1024, oversize = "refuse" } = options;
  return async (input, init) => {
    const request = new Request(input, init);
    const body = init?.body instanceof ReadableStream ? request.body : await wholeBody(request);
    const response = await outbound.request({
      url: request.url,
      method: knownMethod(request),
      headers: Object.fromEntries(request.headers),
      signal: request.signal,
      timeoutMs,
      maxResponseBytes,
      ...(body !== null && { body }),
    });
    if (response.truncated && oversize === "refuse") throw tooLargeError(request.url, maxResponseBytes);
    return toFetchResponse(response, request.url);
  };
}

/** Its length is known before it is sent, and stated. */
async function wholeBody(request: Request): Promise<Uint8Array | null> {
  if (request.signal.aborted) return null;
  const body = new Uint8Array(await request.arrayBuffer());
  return body.length > 0 ? body : null;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

function knownMethod(request: Request): NonNullable<OutboundRequest["method"]> {
  const method = METHODS.find((known) => known === request.method.toUpperCase());
  if (method) return method;
  throw new OutboundError({
    code: "OUTBOUND_REQUEST_INVALID",
    message: `The method "${request.method}" is not supported. Use one of ${METHODS.join(", ")}.`,
    details: { url: maskUrl(request.url), sent: "no" },
  });
}

// The platform's Response refuses a body with these, and any status outside 200 to 599.
const WITHOUT_BODY = new Set([204, 205, 304]);

function toFetchResponse(response: OutboundResponse, url: string): Response {
  const { status, headers, body } = response;
  if (status > 599) throw unusableStatusError(url, status);
  return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(body), { status, headers });
}

function tooLargeError(url: string, maxResponseBytes: number): OutboundError {
  return new OutboundError({
    code: "OUTBOUND_RESPONSE_TOO_LARGE",
    message: `The answer of ${maskUrl(url)} is longer than ${maxResponseBytes} bytes. Raise maxResponseBytes to read it.`,
    details: { url: maskUrl(url), max_response_bytes: maxResponseBytes, sent: "maybe" },
  });
}

function unusableStatusError(url: string, status: number): OutboundError {
  return new OutboundError({
    code: "OUTBOUND_NETWORK",
    message: `${maskUrl(url)} answered with the status ${status}, which HTTP does not know.`,
    details: { url: maskUrl(url), status, network_code: "STATUS_UNKNOWN", sent: "maybe" },
  });
}
