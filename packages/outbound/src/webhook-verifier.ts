import { timingSafeEqual } from "node:crypto";
import { OutboundError } from "./errors.ts";
import type { OutboundErrorCode } from "./errors.ts";
import { webhookKeys } from "./webhook-secret.ts";
import { hmacKey, isWebhookId, webhookSignature } from "./webhook-signature.ts";

export interface WebhookVerification {
  /** As the server gave them: a Fetch `Headers`, Node's `request.headers`, or pairs. Names in any case. */
  readonly headers: ReceivedHeaders;
  /** The bytes as they came, before any parsing. */
  readonly rawBody: string | Uint8Array;
  /** `whsec_…`; one that fits is enough. */
  readonly secrets: readonly string[];
  /** How far the sender's clock may be off, both ways. Default 5 minutes. */
  readonly toleranceMs?: number;
  readonly now?: Date;
}

export type ReceivedHeaders =
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifiedWebhook {
  /** The same on every attempt: remember it to drop duplicates. */
  readonly id: string;
  /** When the sender signed it. */
  readonly timestamp: Date;
}

/**
 * Proves that a webhook comes from a holder of the secret, is unchanged and is recent.
 * @throws WEBHOOK_HEADER_MISSING, WEBHOOK_HEADER_DUPLICATE, WEBHOOK_ID_INVALID, WEBHOOK_TIMESTAMP_INVALID,
 * WEBHOOK_TIMESTAMP_OUTSIDE_WINDOW, WEBHOOK_SIGNATURE_MISMATCH or WEBHOOK_SECRET_INVALID.
 */
export function verifyWebhook(options: WebhookVerification): VerifiedWebhook {
  const { rawBody: body, toleranceMs = 5 * 60_000, now = new Date() } = options;
  const keys = webhookKeys(options.secrets).map(hmacKey);
  const id = singleHeader(options.headers, "webhook-id");
  const timestamp = singleHeader(options.headers, "webhook-timestamp");
  const signatures = singleHeader(options.headers, "webhook-signature").split(" ");

  if (!isWebhookId(id))
    throw refused("WEBHOOK_ID_INVALID", "The webhook-id header is not one visible word without a dot.");
  if (!/^(0|[1-9]\d{0,11})$/.test(timestamp)) {
    throw refused(
      "WEBHOOK_TIMESTAMP_INVALID",
      "The webhook-timestamp header is not a plain number of seconds.",
    );
  }
  const signedAt = new Date(Number(timestamp) * 1_000);
  if (!(Math.abs(now.getTime() - signedAt.getTime()) <= toleranceMs))
    throw outsideWindow(signedAt, toleranceMs);

  const expected = keys.map((key) => webhookSignature({ id, timestamp, body, key }));
  if (!anyEqual(expected, signatures)) {
    throw refused(
      "WEBHOOK_SIGNATURE_MISMATCH",
      "No signature fits. Verify the raw body before parsing it, and with the sender's current secret.",
    );
  }
  return { id, timestamp: signedAt };
}

/** Proxies and Node join a repeated header with a comma; none of the three may hold one followed by a space or end. */
function singleHeader(headers: ReceivedHeaders, name: string): string {
  const entries = isIterable(headers) ? [...headers] : Object.entries(headers);
  const values = entries.flatMap(([key, value]) => (key.toLowerCase() === name ? [value ?? []].flat() : []));
  const [value] = values;
  if (value === undefined || value === "")
    throw refused("WEBHOOK_HEADER_MISSING", `The header ${name} is missing.`);
  if (values.length > 1 || /,(\s|$)/.test(value)) {
    throw refused("WEBHOOK_HEADER_DUPLICATE", `The header ${name} is there more than once.`);
  }
  return value;
}

function isIterable(headers: ReceivedHeaders): headers is Iterable<readonly [string, string]> {
  return Symbol.iterator in headers;
}

/** Compares all with all, so that the time taken tells nothing about which one fits. */
function anyEqual(expected: readonly string[], received: readonly string[]): boolean {
  const pairs = expected.flatMap((left) => received.map((right) => isEqual(left, right)));
  return pairs.includes(true);
}

function isEqual(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function outsideWindow(signedAt: Date, toleranceMs: number): OutboundError {
  const message = `The webhook was signed at ${signedAt.toISOString()}, more than ${toleranceMs} ms from now. Check both clocks.`;
  return refused("WEBHOOK_TIMESTAMP_OUTSIDE_WINDOW", message);
}

function refused(code: OutboundErrorCode, message: string): OutboundError {
  return new OutboundError({ code, message });
}
