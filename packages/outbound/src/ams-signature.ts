import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Signs a body as older receivers expect it: the hex HMAC-SHA256 of the body alone. It has no time and no id, so it
 * can be replayed for ever; send it beside a Standard Webhooks signature. An empty secret gives no header.
 */
export function signAmsSignature(body: string | Uint8Array, secret: string): { "X-AMS-Signature"?: string } {
  return secret === "" ? {} : { "X-AMS-Signature": hexHmac(body, secret) };
}

/** Whether an X-AMS-Signature header fits the raw body, in constant time; never with an empty secret. */
export function verifyAmsSignature(
  body: string | Uint8Array,
  secret: string,
  signature: string | null | undefined,
): boolean {
  const expected = Buffer.from(hexHmac(body, secret));
  const received = Buffer.from(signature ?? "");
  return secret !== "" && received.length === expected.length && timingSafeEqual(received, expected);
}

function hexHmac(body: string | Uint8Array, secret: string): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}
