import type { Bot } from "./bot.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { TaskResult } from "./task-result.ts";

/** What each kind of delivery carries; open to declaration merging. */
export interface DeliveryPayloads {
  task_result: { readonly task_id: string; readonly result: TaskResult };
  task_error: {
    readonly task_id: string;
    readonly error: { readonly code: string; readonly message: string };
  };
  message: { readonly text: string };
  mirror: { readonly text: string; readonly source: string };
  child_result: { readonly task_id: string; readonly result: TaskResult };
  webhook_event: {
    readonly event: string;
    readonly data: JsonValue;
    /** The event's own, one for all of its receivers, who drop what they have seen. Missing: the delivery's. */
    readonly id?: string;
    /** When it happened, in ISO 8601. Missing: the time of each attempt. */
    readonly timestamp?: string;
  };
}

export type DeliveryKind = keyof DeliveryPayloads;

/** One durable piece of outgoing work: this payload to this target. */
export type Delivery<Target = unknown> = {
  [Kind in DeliveryKind]: DeliveryFields<Target> & {
    readonly kind: Kind;
    readonly payload: DeliveryPayloads[Kind];
  };
}[DeliveryKind];

interface DeliveryFields<Target> {
  /** The same on every attempt; receivers may use it to drop duplicates. */
  readonly id: string;
  readonly dispatch_type: string;
  readonly target: Target;
  /** ISO 8601; no attempt was made before it, so `reconcile` need not look further back. */
  readonly created_at: string;
  /** 1 on the first attempt. */
  readonly attempt: number;
  readonly bot: Bot | null;
  /** Display name of the bot that delegated the work, if one did. */
  readonly delegated_by?: string;
  readonly origin: Origin | null;
  /** Parts that earlier attempts have sent; a retry goes on behind the last one. */
  readonly sent_parts: readonly SentPart[];
}

/** The message that a task came from; opaque to all but the integration that wrote it. */
export interface Origin {
  readonly integration: string;
  readonly ref: JsonObject;
}

/** A part that the receiver has confirmed, or that a stream was about to show. */
export interface SentPart {
  /** Counted from 0. */
  readonly index: number;
  /** The receiver's own name of what was made, such as a message's timestamp. */
  readonly external_id?: string;
  /** How many parts there were in all when it was sent; another number later means that the cut has moved. */
  readonly of?: number;
  /**
   * Of a part that was to be shown while its text grew: a fingerprint of what it shows, "" when nobody knows. `deliver`
   * makes it show what it should. A later note of the same index counts.
   */
  readonly shows?: string;
}

/** How an attempt ended; built with `delivered`, `skipped`, `retryable`, `permanent`, `ambiguous` and `misconfigured`. */
export type DeliveryOutcome =
  | {
      readonly status: "delivered";
      readonly externalIds: readonly string[];
      readonly answer?: ReceiverAnswer;
    }
  | { readonly status: "skipped"; readonly reason: string }
  | FailedDelivery;

export type FailedDelivery = {
  readonly status: "failed";
  /** `ambiguous`: it may have been sent. `misconfigured`: a person has to change something first. */
  readonly failure: "retryable" | "permanent" | "ambiguous" | "misconfigured";
  /** A short stable word such as `http_503` or `channel_not_found`. */
  readonly code: string;
  /** For people; without secrets. */
  readonly message: string;
  /** The receiver asked not to be called earlier than this; only for `retryable`. */
  readonly retryAfterMs?: number;
  readonly answer?: ReceiverAnswer;
};

/** What the receiver answered, kept for people who look into a failure. */
export interface ReceiverAnswer {
  readonly status: number;
  /** The beginning of the body. */
  readonly body: string;
}

type FailureDetails = Pick<FailedDelivery, "code" | "message"> & { readonly answer?: ReceiverAnswer };

/** The receiver has it. */
export function delivered(
  details: { externalIds?: readonly string[]; answer?: ReceiverAnswer } = {},
): DeliveryOutcome {
  const { externalIds = [], answer } = details;
  return { status: "delivered", externalIds, ...(answer && { answer }) };
}

/** There was nothing to send, on purpose. */
export function skipped(reason: string): DeliveryOutcome {
  return { status: "skipped", reason };
}

/** It was not sent; a later attempt may succeed. */
export function retryable(details: FailureDetails & { readonly retryAfterMs?: number }): FailedDelivery {
  return { ...details, status: "failed", failure: "retryable" };
}

/** It was not sent and never will be. */
export function permanent(details: FailureDetails): FailedDelivery {
  return { ...details, status: "failed", failure: "permanent" };
}

/** It may have been sent: the answer was lost. Never resent blindly. */
export function ambiguous(details: FailureDetails): FailedDelivery {
  return { ...details, status: "failed", failure: "ambiguous" };
}

/** It was not sent, and will not be until a person changes a setting. */
export function misconfigured(details: FailureDetails): FailedDelivery {
  return { ...details, status: "failed", failure: "misconfigured" };
}
