import { deliveryOutcome } from "@core/outbound";
import type { DeliveryOutcome, JsonObject, JsonValue, ReceiverAnswer, StandardSchema } from "@core/registry";
import type { NotificationPriority } from "../state/integration-state.ts";

/** How notifications reach one service over HTTP. Pure: sending, retries and masking are not its matter. */
export interface NotificationChannel {
  /** What notifications and destinations call it: `[a-z0-9][a-z0-9_-]*`, at most 64 characters. */
  readonly name: string;
  /** Of one attachment. Default: any JSON. */
  readonly attachment?: StandardSchema;
  /** Names what is wrong with an address that may be reached, and what to do; null when nothing is. */
  addressIssue?(address: URL): string | null;
  /** Writes a notification as the service wants it, within its limits. */
  compose(notification: ChannelNotification, address: URL): ComposedNotification;
  /** Reads an answer. Default: by its status, see {@link judgeStatus}. Its texts are shown to anybody. */
  judge?(answer: ReceiverAnswer): DeliveryOutcome;
}

/** What is to be said. */
export interface ChannelNotification {
  /** The same on every attempt, so that a receiver may drop what it has seen. */
  readonly id: string;
  /** Not blank, and well-formed Unicode. */
  readonly message: string;
  readonly priority: NotificationPriority;
  /** Those that were written for this channel, checked by its schema. */
  readonly attachments: readonly JsonValue[];
}

export interface ComposedNotification {
  /** At least one; sent one after another, and none after one that failed. */
  readonly requests: readonly ChannelRequest[];
  /** What was split or cut to fit the service, a sentence each. */
  readonly notes: readonly string[];
}

/** A `POST` of JSON. Every attempt sends the same bytes. */
export interface ChannelRequest {
  readonly body: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the address as it is. */
  readonly url?: URL;
}

/** Delivered by 2xx; 408, 429 and 5xx may pass; any other is final. Codes are such as `http_503`. */
export function judgeStatus(answer: ReceiverAnswer): DeliveryOutcome {
  return deliveryOutcome(
    { status: "answered", answer, retryAfterMs: null },
    { policy: "task_result", idempotent: true },
  );
}
