import { silentLogger, systemClock } from "@core/registry";
import type { Delivery, DeliveryContext } from "@core/registry";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { describe, expect, test } from "vitest";
import { startHttpReceiver } from "../test/http-receiver.ts";
import { createOutbound } from "./outbound.ts";
import { createWebhookDispatcher } from "./webhook-dispatcher.ts";
import { generateWebhookSecret } from "./webhook-secret.ts";
import { signWebhook } from "./webhook-signature.ts";
import type { WebhookTarget } from "./webhook-target.ts";
import { verifyWebhook } from "./webhook-verifier.ts";

/** A webhook as its receiver has it in hand. */
interface Message {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const WINDOW_MS = 5 * 60_000;
const mismatch = "No matching signature found";

const secrets = [24, 32, 64].map((bytes) => `whsec_${Buffer.alloc(bytes, bytes).toString("base64")}`);
const [secret = ""] = secrets;
const bodies = [
  ["is empty", ""],
  ["is an empty object", "{}"],
  ["has characters of one to four bytes", '{"result":"é ß 漢字 \u2028 👩‍👩‍👧 \\u0000"}'],
  ["has spaces and line ends that a parser would drop", '{ "a" :\r\n 1.0 }\n'],
  ["has a million characters", JSON.stringify({ result: "ü".repeat(1_000_000) })],
] as const;

/** Each is a message that differs in one thing from the one that was signed. */
const changes: readonly (readonly [what: string, change: (message: Message) => Message])[] = [
  ["body", ({ body, headers }) => ({ headers, body: Buffer.concat([body, Buffer.from(" ")]) })],
  ["id", (message) => withHeader(message, "webhook-id", (id) => `${id}2`)],
  ["timestamp", (message) => withHeader(message, "webhook-timestamp", (time) => String(Number(time) - 1))],
];

describe.each([
  ["standardwebhooks", StandardWebhook],
  ["svix", SvixWebhook],
] as const)("the verifier of %s", (_, Webhook) => {
  const verify = ({ body, headers }: Message, own = secret): unknown =>
    new Webhook(own).verify(body, { ...headers });

  test.each(bodies)("accepts what signWebhook signs when the body %s", (_what, body) => {
    const message = signed(body, new Date());
    expect(() => verify(message)).not.toThrow();
    for (const [, change] of changes) expect(() => verify(change(message))).toThrow(mismatch);
  });

  test("accepts it for the holder of each of several secrets, and for nobody else", () => {
    const message = signed("{}", new Date(), secrets);
    for (const own of secrets) expect(() => verify(message, own)).not.toThrow();
    expect(() => verify(message, generateWebhookSecret())).toThrow(mismatch);
  });

  test("refuses what was signed too long ago or too far ahead", () => {
    const signedAt = (offsetMs: number): Message => signed("{}", new Date(Date.now() + offsetMs));
    expect(() => verify(signedAt(-WINDOW_MS - 60_000))).toThrow("Message timestamp too old");
    expect(() => verify(signedAt(WINDOW_MS + 60_000))).toThrow("Message timestamp too new");
  });

  describe("behind a real receiver", () => {
    test("accepts what the webhook dispatcher sends", async () => {
      const message = await received();
      for (const own of secrets) expect(() => verify(message, own)).not.toThrow();
      expect(JSON.parse(message.body.toString())).toMatchObject({ task_id: "t1", result: "grüß 👋" });
      expect(message.headers["webhook-id"]).toBe("dlv_1");
    });

    test.each(changes)("refuses it with another %s", async (_what, change) => {
      const message = change(await received());
      for (const own of secrets) expect(() => verify(message, own)).toThrow(mismatch);
    });

    test("refuses it when it was sent too long ago", async () => {
      const message = await received(-WINDOW_MS - 60_000);
      expect(() => verify(message)).toThrow("Message timestamp too old");
    });
  });

  test.each(bodies)("has a signer that verifyWebhook accepts when the body %s", (_what, body) => {
    const date = new Date();
    const signatures = secrets.map((own) => new Webhook(own).sign("msg_1", date, body));
    const message: Message = {
      body: Buffer.from(body),
      headers: {
        "webhook-id": "msg_1",
        "webhook-timestamp": String(Math.floor(date.getTime() / 1_000)),
        "webhook-signature": signatures.join(" "),
      },
    };
    for (const own of secrets) expect(verifiedByUs(message, own)).toMatchObject({ id: "msg_1" });
    for (const [, change] of changes) {
      expect(() => verifiedByUs(change(message), secret)).toThrow(
        expect.objectContaining({ code: "WEBHOOK_SIGNATURE_MISMATCH" }),
      );
    }
  });
});

function signed(body: string, timestamp: Date, by: readonly string[] = [secret]): Message {
  return {
    body: Buffer.from(body),
    headers: signWebhook({ id: "msg_1", timestamp, body, secrets: by }),
  };
}

function withHeader(message: Message, name: string, change: (value: string) => string): Message {
  const { body, headers } = message;
  return { body, headers: { ...headers, [name]: change(headers[name] ?? "") } };
}

/** One delivery sent over loopback, by a sender whose clock is off. */
async function received(offsetMs = 0): Promise<Message> {
  await using receiver = await startHttpReceiver((_, response) => response.end());
  await using outbound = createOutbound({ allow: ["127.0.0.0/8"] });
  const clock = { ...systemClock, now: () => Date.now() + offsetMs };
  const dispatcher = createWebhookDispatcher({ outbound, signingSecrets: secrets, clock });
  await dispatcher.deliver(deliveryTo(receiver.url), context());
  const [request] = receiver.requests;
  const headers = Object.entries(request?.headers ?? {}).map(([name, value]) => [name, String(value)]);
  return { body: request?.body ?? Buffer.alloc(0), headers: Object.fromEntries(headers) };
}

function deliveryTo(url: string): Delivery<WebhookTarget> {
  const file = { blob_id: "b1", name: "é.txt", content_type: "text/plain", size: 3 };
  return {
    id: "dlv_1",
    kind: "task_result",
    payload: { task_id: "t1", result: { text: "grüß 👋", files: [file], actions: [] } },
    dispatch_type: "webhook",
    target: { url },
    created_at: "2026-01-01T00:00:00.000Z",
    attempt: 1,
    bot: null,
    origin: null,
    sent_parts: [],
  };
}

function context(): DeliveryContext {
  const { signal } = new AbortController();
  return { signal, logger: silentLogger, clock: systemClock, partSent: async () => {} };
}

function verifiedByUs({ headers, body }: Message, own: string): unknown {
  return verifyWebhook({ headers, rawBody: body, secrets: [own] });
}
