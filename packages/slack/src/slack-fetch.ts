import type { HttpPort } from "@core/registry";
import type { FetchFunction } from "@slack/web-api";

/** The guarded fetch in the form that the SDK wants: the delivery's signal ends its requests, too. */
export function slackFetch(fetch: HttpPort["fetch"], signal: AbortSignal): FetchFunction {
  return async (url, init = {}) => {
    const signals = AbortSignal.any(init.signal ? [signal, init.signal] : [signal]);
    const response = await fetch(url, { ...init, signal: signals });
    return response.status === 429 ? withRetryAfter(response) : response;
  };
}

/** Without a number of seconds the SDK loses what a 429 means, and throws an error like any other. */
function withRetryAfter(response: Response): Response {
  if (/^\s*\d/.test(response.headers.get("retry-after") ?? "")) return response;
  const headers = new Headers(response.headers);
  headers.set("retry-after", "0");
  return new Response(response.body, { status: response.status, headers });
}
