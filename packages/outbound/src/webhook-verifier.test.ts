import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { signedAt, vector, vectorHeaders } from "../test/webhook-vector.ts";
import { generateWebhookSecret } from "./webhook-secret.ts";
import { signWebhook } from "./webhook-signature.ts";
import { verifyWebhook } from "./webhook-verifier.ts";

const { secret } = vector;

function verify(changes: Partial<Parameters<typeof verifyWebhook>[0]> = {}): unknown {
  return verifyWebhook({
    headers: vectorHeaders,
    rawBody: vector.body,
    secrets: [secret],
    now: signedAt,
    ...changes,
  });
}

function withHeaders(changes: Record<string, string | string[] | undefined>): () => unknown {
  return () => verify({ headers: { ...vectorHeaders, ...changes } });
}

const code = (name: string): object => expect.objectContaining({ name: "OutboundError", code: name });

test("the published vector is verified", () => {
  expect(verify()).toEqual({ id: vector.id, timestamp: signedAt });
});

describe("signing and verifying fit each other", () => {
  const bodies = fc.oneof(fc.uint8Array(), fc.string({ unit: "binary" }));
  const secrets = fc
    .uint8Array({ minLength: 24, maxLength: 64 })
    .map((key) => `whsec_${Buffer.from(key).toString("base64")}`);
  const ids = fc.stringMatching(/^[!-+\-/-~]{1,64}$/);

  test("for any body, id, time and secret", () => {
    fc.assert(
      fc.property(bodies, ids, fc.nat(2 ** 31), secrets, (body, id, timestamp, own) => {
        const headers = signWebhook({ id, timestamp, body, secrets: [own] });
        const verified = verifyWebhook({
          headers,
          rawBody: body,
          secrets: [own],
          now: new Date(timestamp * 1_000),
        });
        expect(verified.id).toBe(id);
      }),
    );
  });

  test("and not when a single byte of the body differs", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (body, at, flip) => {
          const { id, timestamp } = vector;
          const headers = signWebhook({ id, timestamp, body, secrets: [secret] });
          const changed = body.map((byte, index) => (index === at % body.length ? byte ^ flip : byte));
          expect(() => verify({ headers, rawBody: changed })).toThrow(code("WEBHOOK_SIGNATURE_MISMATCH"));
        },
      ),
    );
  });

  test("for bytes that are no UTF-8", () => {
    const body = new Uint8Array([0xff, 0xfe, 0x00, 0xc3, 0x28]);
    const headers = signWebhook({ id: "msg_1", timestamp: signedAt, body, secrets: [secret] });
    expect(verify({ headers, rawBody: body })).toMatchObject({ id: "msg_1" });
  });
});

describe("rotation", () => {
  const [oldSecret, newSecret] = [generateWebhookSecret(), generateWebhookSecret()];
  const { id, timestamp, body } = vector;
  const headers = signWebhook({ id, timestamp, body, secrets: [newSecret, oldSecret] });

  test("every secret signs once", () => {
    expect(headers["webhook-signature"]).toMatch(/^v1,\S{44} v1,\S{44}$/);
  });

  test("a receiver with either secret, or with both, is content", () => {
    for (const secrets of [[oldSecret], [newSecret], [generateWebhookSecret(), oldSecret]]) {
      expect(verify({ headers, secrets })).toMatchObject({ id });
    }
  });

  test("a receiver with neither is not", () => {
    expect(() => verify({ headers, secrets: [generateWebhookSecret()] })).toThrow(
      code("WEBHOOK_SIGNATURE_MISMATCH"),
    );
  });
});

describe("headers", () => {
  test("are read from Fetch, from Node, from pairs and in any case", () => {
    const upper = Object.fromEntries(
      Object.entries(vectorHeaders).map(([name, value]) => [name.toUpperCase(), value]),
    );
    const forms = [
      new Headers(vectorHeaders),
      Object.entries(vectorHeaders),
      upper,
      { ...vectorHeaders, other: ["a", "b"] },
    ];
    for (const headers of forms) expect(verify({ headers })).toMatchObject({ id: vector.id });
  });

  test.each(Object.keys(vectorHeaders))("without %s are refused", (name) => {
    expect(withHeaders({ [name]: undefined })).toThrow(code("WEBHOOK_HEADER_MISSING"));
    expect(withHeaders({ [name]: "" })).toThrow(code("WEBHOOK_HEADER_MISSING"));
  });

  test.each(Object.entries(vectorHeaders))("with %s twice are refused", (name, value) => {
    expect(withHeaders({ [name]: [value, value] })).toThrow(code("WEBHOOK_HEADER_DUPLICATE"));
    expect(withHeaders({ [name]: `${value}, ${value}` })).toThrow(code("WEBHOOK_HEADER_DUPLICATE"));
    expect(withHeaders({ [name.toUpperCase()]: value })).toThrow(code("WEBHOOK_HEADER_DUPLICATE"));
  });
});

describe("verifying is stricter than the reference verifier", () => {
  test.each([
    "1614265330abc",
    "1614265330.5",
    "1.6e9",
    "0x6037b4f2",
    "-1",
    "01614265330",
    " 1614265330",
    "9".repeat(13),
    "NaN",
  ])("a timestamp %j is refused", (timestamp) =>
    expect(withHeaders({ "webhook-timestamp": timestamp })).toThrow(code("WEBHOOK_TIMESTAMP_INVALID")),
  );

  test.each([
    ["old", 300_001],
    ["early", -300_001],
  ])("a timestamp that is too %s is refused", (_, offsetMs) => {
    expect(() => verify({ now: new Date(signedAt.getTime() + offsetMs) })).toThrow(
      code("WEBHOOK_TIMESTAMP_OUTSIDE_WINDOW"),
    );
  });

  test.each([300_000, -300_000])("a timestamp %i ms off is still in the window", (offsetMs) => {
    expect(verify({ now: new Date(signedAt.getTime() + offsetMs) })).toMatchObject({ id: vector.id });
  });

  test("an invalid clock lets nothing through", () => {
    expect(() => verify({ now: new Date(Number.NaN) })).toThrow(code("WEBHOOK_TIMESTAMP_OUTSIDE_WINDOW"));
  });

  test.each(["msg.1", "msg 1", "msg\u00e9", "x".repeat(257)])("an id %j is refused", (id) => {
    expect(withHeaders({ "webhook-id": id })).toThrow(code("WEBHOOK_ID_INVALID"));
  });

  test("an id with a dot cannot move the border between id and timestamp", () => {
    const own = signWebhook({ id: "msg", timestamp: 1, body: "2.body", secrets: [secret] })[
      "webhook-signature"
    ];
    const headers = { "webhook-id": "msg.1", "webhook-timestamp": "2", "webhook-signature": own };
    const moved = (): unknown => verify({ headers, rawBody: "body", now: new Date(2_000) });
    expect(moved).toThrow(code("WEBHOOK_ID_INVALID"));
  });

  test.each([
    "v1",
    "v1,AAAA",
    "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE",
    "v1,g0hM9SsE-OTPJTGt_tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF=",
  ])("a signature %j is refused", (signature) => {
    expect(withHeaders({ "webhook-signature": signature })).toThrow(code("WEBHOOK_SIGNATURE_MISMATCH"));
  });

  test("signatures of other versions beside the right one do no harm", () => {
    expect(withHeaders({ "webhook-signature": `v1a,xyz ${vector.signature} v9` })()).toMatchObject({
      id: vector.id,
    });
  });
});
