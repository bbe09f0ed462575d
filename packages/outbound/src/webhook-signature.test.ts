import { describe, expect, test } from "vitest";
import { signedAt, vector, vectorHeaders } from "../test/webhook-vector.ts";
import { generateWebhookSecret } from "./webhook-secret.ts";
import { createWebhookSigner, signWebhook } from "./webhook-signature.ts";

const { secret } = vector;

const code = (name: string): object => expect.objectContaining({ name: "OutboundError", code: name });

test("the published vector is signed as published, from a date or from seconds", () => {
  const { id, body, timestamp } = vector;
  expect(signWebhook({ id, timestamp, body, secrets: [secret] })).toEqual(vectorHeaders);
  expect(signWebhook({ id, timestamp: signedAt, body: Buffer.from(body), secrets: [secret] })).toEqual(
    vectorHeaders,
  );
});

test("a signer has read its secrets, and signs each message as if they were given with it", () => {
  const other = generateWebhookSecret();
  const sign = createWebhookSigner([secret, other]);
  for (const message of [
    { id: "a", timestamp: 1, body: "one" },
    { id: "b", timestamp: signedAt, body: Buffer.from("two") },
  ]) {
    expect(sign(message)).toEqual(signWebhook({ ...message, secrets: [secret, other] }));
  }
  expect(() => createWebhookSigner([secret, "whsec_"])).toThrow(code("WEBHOOK_SECRET_INVALID"));
});

describe("signing refuses", () => {
  const sign = (id: string, timestamp: Date | number) => () =>
    signWebhook({ id, timestamp, body: "", secrets: [secret] });

  test.each(["", "a.b", "a b", "a,b", "a\r\nb"])("the id %j", (id) => {
    expect(sign(id, 1)).toThrow(code("WEBHOOK_ID_INVALID"));
  });

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Date.now() * 1_000, new Date(Number.NaN)])(
    "the time %s",
    (timestamp) => {
      expect(sign("msg", timestamp)).toThrow(code("WEBHOOK_TIMESTAMP_INVALID"));
    },
  );
});
