import { createAddressGuard, OutboundError } from "@core/outbound";
import type { Outbound, OutboundErrorCode, OutboundRequest } from "@core/outbound";

export type ScriptedAnswer =
  | { readonly status: number; readonly headers?: Record<string, string> }
  | OutboundError;

export interface OutboundDouble extends Outbound {
  readonly requests: readonly OutboundRequest[];
}

/** An Outbound without a network. `answer` is asked for each request, whose number begins with 1. */
export function createOutboundDouble(
  answer: (request: OutboundRequest, number: number) => ScriptedAnswer | Promise<ScriptedAnswer>,
): OutboundDouble {
  const requests: OutboundRequest[] = [];
  return {
    requests,
    guard: createAddressGuard(),
    async request(request) {
      const given = await answer(request, requests.push(request));
      if (given instanceof OutboundError) throw given;
      const { status, headers = {} } = given;
      return { status, headers, truncated: false, body: new Uint8Array(), text: () => "" };
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

/** A failure as `outbound.request` reports it. */
export function outboundError(code: OutboundErrorCode, retryable = false): OutboundError {
  return new OutboundError({ code, message: `scripted ${code}`, retryable, details: { sent: "maybe" } });
}

/** Never answers, and ends as a request does when its caller ends it. */
export function hangs({ signal }: OutboundRequest): Promise<ScriptedAnswer> {
  return new Promise((resolve) => {
    signal?.addEventListener("abort", () => resolve(outboundError("OUTBOUND_ABORTED")));
  });
}
