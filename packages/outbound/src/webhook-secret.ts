import { randomBytes } from "node:crypto";
import { OutboundError } from "./errors.ts";

const PREFIX = "whsec_";
const MIN_BYTES = 24;
const MAX_BYTES = 64;

/** Makes a new signing secret: `whsec_` and 32 random bytes in base64. */
export function generateWebhookSecret(): string {
  return PREFIX + randomBytes(32).toString("base64");
}

/** Whether a text is a signing secret that can be read. */
export function isWebhookSecret(text: string): boolean {
  return readKey(text).isUsable;
}

/**
 * Reads the key out of a signing secret.
 * @throws WEBHOOK_SECRET_INVALID, without the secret in it.
 */
export function webhookKey(secret: string): Buffer {
  const { key, isCanonical, isUsable } = readKey(secret);
  if (isUsable) return key;
  throw new OutboundError({
    code: "WEBHOOK_SECRET_INVALID",
    message: `A signing secret is "${PREFIX}" and ${MIN_BYTES} to ${MAX_BYTES} bytes in base64. Make one with generateWebhookSecret().`,
    details: { has_prefix: secret.startsWith(PREFIX), is_base64: isCanonical, bytes: key.length },
  });
}

/**
 * Reads the keys of several secrets.
 * @throws WEBHOOK_SECRET_INVALID when one of them is no secret, or when there is none.
 */
export function webhookKeys(secrets: readonly string[]): Buffer[] {
  if (secrets.length > 0) return secrets.map((secret) => webhookKey(secret));
  throw new OutboundError({
    code: "WEBHOOK_SECRET_INVALID",
    message: "There is no signing secret. Give at least one, such as generateWebhookSecret() makes.",
  });
}

function readKey(secret: string): { key: Buffer; isCanonical: boolean; isUsable: boolean } {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : "";
  const key = Buffer.from(text, "base64");
  const isCanonical = key.toString("base64").replace(/=+$/, "") === text.replace(/={1,2}$/, "");
  return { key, isCanonical, isUsable: isCanonical && key.length >= MIN_BYTES && key.length <= MAX_BYTES };
}
