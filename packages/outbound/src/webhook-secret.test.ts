import { describe, expect, test } from "vitest";
import { vector, vectorHeaders } from "../test/webhook-vector.ts";
import { generateWebhookSecret, isWebhookSecret, webhookKey } from "./webhook-secret.ts";
import { signWebhook } from "./webhook-signature.ts";
import { verifyWebhook } from "./webhook-verifier.ts";

const { secret } = vector;

const code = (name: string): object => expect.objectContaining({ name: "OutboundError", code: name });

describe("a secret", () => {
  const ofBytes = (count: number): string => `whsec_${Buffer.alloc(count, 7).toString("base64")}`;

  test.each([24, 32, 64])("of %i bytes is taken", (count) => {
    expect(webhookKey(ofBytes(count))).toHaveLength(count);
    expect(isWebhookSecret(ofBytes(count))).toBe(true);
  });

  test.each([
    ["of 23 bytes", ofBytes(23)],
    ["of 65 bytes", ofBytes(65)],
    ["of one byte", ofBytes(1)],
    ["that is empty", "whsec_"],
    ["without its prefix", ofBytes(32).slice(6)],
    ["with another prefix", ofBytes(32).replace("whsec_", "whsk_")],
    ["that is no base64", `whsec_${"*".repeat(44)}`],
    ["with a line break", `${ofBytes(32)}\n`],
    ["in base64url", `whsec_${Buffer.alloc(32, 0xff).toString("base64url")}`],
  ])("%s is refused, and is not in the error", (_, bad) => {
    expect(isWebhookSecret(bad)).toBe(false);
    const attempts = [
      () => signWebhook({ id: "msg", timestamp: 1, body: "", secrets: [secret, bad] }),
      () => verifyWebhook({ headers: vectorHeaders, rawBody: "", secrets: [bad] }),
    ];
    for (const attempt of attempts) {
      expect(attempt).toThrow(code("WEBHOOK_SECRET_INVALID"));
      if (bad.length > 6) expect(attempt).not.toThrow(bad);
    }
  });

  test("is needed", () => {
    expect(() => signWebhook({ id: "msg", timestamp: 1, body: "", secrets: [] })).toThrow(
      code("WEBHOOK_SECRET_INVALID"),
    );
    expect(() => verifyWebhook({ headers: vectorHeaders, rawBody: "", secrets: [] })).toThrow(
      code("WEBHOOK_SECRET_INVALID"),
    );
  });

  test("is generated new each time, with 32 bytes", () => {
    const made = new Set(Array.from({ length: 100 }, generateWebhookSecret));
    expect(made.size).toBe(100);
    for (const each of made) expect(webhookKey(each)).toHaveLength(32);
  });
});
