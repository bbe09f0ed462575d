import type { KeyObject } from "node:crypto";
import { createHmac, createSecretKey } from "node:crypto";
import { OutboundError } from "./errors.ts";
import { webhookKeys } from "./webhook-secret.ts";

export interface WebhookSigningOptions extends WebhookMessage {
  /** `whsec_…`; each signs once, so that a receiver may change over at leisure. */
  readonly secrets: readonly string[];
}

export interface WebhookMessage {
  /** The same on every attempt; without a dot. */
  readonly id: string;
  /** A date, or seconds since the Unix epoch. */
  readonly timestamp: Date | number;
  /** Exactly what is sent. */
  readonly body: string | Uint8Array;
}

/** Ready to be sent. */
export type WebhookHeaders = {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
};

/**
 * Signs a body by Standard Webhooks (https://www.standardwebhooks.com).
 * @throws WEBHOOK_SECRET_INVALID, WEBHOOK_ID_INVALID or WEBHOOK_TIMESTAMP_INVALID.
 */
export function signWebhook({ secrets, ...message }: WebhookSigningOptions): WebhookHeaders {
  return createWebhookSigner(secrets)(message);
}

/**
 * The same with secrets that are read once, for those who sign often.
 * @throws WEBHOOK_SECRET_INVALID at once, WEBHOOK_ID_INVALID or WEBHOOK_TIMESTAMP_INVALID when it signs.
 */
export function createWebhookSigner(secrets: readonly string[]): (message: WebhookMessage) => WebhookHeaders {
  const keys = webhookKeys(secrets).map(hmacKey);
  return ({ id, timestamp: when, body }) => {
    if (!isWebhookId(id)) throw idError(id);
    const timestamp = String(epochSeconds(when));
    const signatures = keys.map((key) => webhookSignature({ id, timestamp, body, key }));
    return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
  };
}

/** A key for signatures; Node takes bare bytes too, but four times as long over it. */
export function hmacKey(bytes: Uint8Array): KeyObject {
  return createSecretKey(bytes);
}

/** The signature of one key over `id.timestamp.body`, as `v1,…`. */
export function webhookSignature(parts: {
  readonly id: string;
  readonly timestamp: string;
  readonly body: string | Uint8Array;
  readonly key: KeyObject;
}): string {
  const { id, timestamp, body, key } = parts;
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
}

/** Whether a text can be a webhook id: visible ASCII, and no dot or comma, which part the signed text and the headers. */
export function isWebhookId(id: string): boolean {
  return /^[!-+\-/-~]{1,256}$/.test(id);
}

/** The largest timestamp has 12 digits: the year 33658. */
function epochSeconds(timestamp: Date | number): number {
  const seconds = typeof timestamp === "number" ? timestamp : Math.floor(timestamp.getTime() / 1_000);
  if (Number.isSafeInteger(seconds) && seconds >= 0 && seconds < 1e12) return seconds;
  throw new OutboundError({
    code: "WEBHOOK_TIMESTAMP_INVALID",
    message:
      "The timestamp is not a valid date or a whole number of seconds since 1970. Pass new Date() or Unix seconds.",
    details: { timestamp: String(timestamp) },
  });
}

function idError(id: string): OutboundError {
  return new OutboundError({
    code: "WEBHOOK_ID_INVALID",
    message: `The webhook id ${JSON.stringify(id)} does not fit a header. Use 1 to 256 visible ASCII characters without dot or comma.`,
    details: { id },
  });
}
