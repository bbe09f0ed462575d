import { createAddressGuard, OutboundError } from "@core/outbound";
import type { Outbound, OutboundErrorCode, OutboundRequest } from "@core/outbound";

export type ScriptedAnswer =
  | { readonly status: number; readonly headers?: Record<string, string> }
  | OutboundError;

export interface OutboundDouble extends Outbound {
  readonly requests: readonly SentRequest[];
}

/** Events and notifications are sent whole, never as streams. */
export type SentRequest = OutboundRequest & { readonly body?: string | Uint8Array };

/** An Outbound without a network. `answer` is asked for each request, whose number begins with 1. */
export function createOutboundDouble(
  answer: (request: SentRequest, number: number) => ScriptedAnswer | Promise<ScriptedAnswer>,
): OutboundDouble {
  const requests: SentRequest[] = [];
  return {
    requests,
    guard: createAddressGuard(),
    async request(request) {
      if (!isWhole(request)) throw new Error("A stream was sent where a whole body was expected.");
      const given = await answer(request, requests.push(request));
      if (given instanceof OutboundError) throw given;
      const { status, headers = {} } = given;
      return { status, headers, truncated: false, body: new Uint8Array(), text: () => "" };
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

function isWhole(request: OutboundRequest): request is SentRequest {
  const { body } = request;
  return body === undefined || typeof body === "string" || body instanceof Uint8Array;
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
