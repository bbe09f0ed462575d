import { systemClock } from "@core/registry";
import type { Clock, ReceiverAnswer } from "@core/registry";
import { isOutboundError } from "./errors.ts";
import type { OutboundError } from "./errors.ts";
import type { Outbound, OutboundResponse } from "./outbound.ts";
import { parseRetryAfter } from "./retry-after.ts";

export interface JsonDelivery {
  readonly url: string | URL;
  /** JSON, already written: what is signed is what is sent. */
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default 15,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** How one attempt ended, before anybody judges it. */
export type DeliveryAttempt =
  | {
      readonly status: "answered";
      readonly answer: ReceiverAnswer;
      /** What the receiver asked for, at most a day. */
      readonly retryAfterMs: number | null;
    }
  | { readonly status: "failed"; readonly error: OutboundError };

const ANSWER_CHARACTERS = 1_000;
const MAX_RETRY_AFTER_MS = 24 * 60 * 60_000;

/** Posts JSON once: retries belong to whoever keeps the delivery. Failures are values. */
export async function deliverJson(outbound: Outbound, delivery: JsonDelivery): Promise<DeliveryAttempt> {
  const { url, body, headers, timeoutMs = 15_000, signal, clock = systemClock } = delivery;
  try {
    const response = await outbound.request({
      url,
      body,
      timeoutMs,
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      ...(signal && { signal }),
    });
    return {
      status: "answered",
      answer: receiverAnswer(response),
      retryAfterMs: retryAfterOf(response, clock),
    };
  } catch (error) {
    if (isOutboundError(error)) return { status: "failed", error };
    throw error;
  }
}

/** The answer ends in a database: half characters and NUL, which Postgres refuses, become U+FFFD. */
function receiverAnswer(response: OutboundResponse): ReceiverAnswer {
  const beginning = response.text().slice(0, ANSWER_CHARACTERS);
  return { status: response.status, body: beginning.replaceAll("\0", "\uFFFD").toWellFormed() };
}

function retryAfterOf(response: OutboundResponse, clock: Clock): number | null {
  const askedMs = parseRetryAfter(response.headers["retry-after"], clock.now());
  return askedMs === null ? null : Math.min(askedMs, MAX_RETRY_AFTER_MS);
}
