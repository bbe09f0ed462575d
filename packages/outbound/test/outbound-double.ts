import { createAddressGuard, OutboundError } from "../src/index.ts";
import type { Outbound, OutboundErrorCode, OutboundRequest } from "../src/index.ts";

export type ScriptedAnswer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | OutboundError;

export interface OutboundDouble extends Outbound {
  readonly requests: readonly OutboundRequest[];
}

/** An Outbound without a network: gives one scripted answer after the other, the last one from then on. */
export function createOutboundDouble(answers: readonly ScriptedAnswer[]): OutboundDouble {
  const requests: OutboundRequest[] = [];
  return {
    requests,
    guard: createAddressGuard(),
    async request(request) {
      const answer = answers[Math.min(requests.push(request), answers.length) - 1];
      if (answer === undefined) throw new Error("The script has no answer.");
      if (answer instanceof OutboundError) throw answer;
      const { status, headers = {}, body = "" } = answer;
      return { status, headers, truncated: false, body: Buffer.from(body), text: () => body };
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

/** A failure as `outbound.request` reports it. */
export function scriptedError(
  code: OutboundErrorCode,
  options: { retryable?: boolean; sent?: "no" | "maybe" } = {},
): OutboundError {
  const { retryable = false, sent = "maybe" } = options;
  return new OutboundError({ code, message: `scripted ${code}`, retryable, details: { sent } });
}
