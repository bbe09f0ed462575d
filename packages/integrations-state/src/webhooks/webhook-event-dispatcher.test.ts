import { generateWebhookSecret, verifyWebhook } from "@core/outbound";
import { parseTarget } from "@core/registry";
import { createDeliveryContext, deliveryOf } from "@core/testing";
import { describe, expect, test } from "vitest";
import { integrationsParts } from "../../test/integrations-parts.ts";
import { createOutboundDouble, outboundError } from "../../test/outbound-double.ts";
import type { ScriptedAnswer } from "../../test/outbound-double.ts";
import { createWebhooks } from "./create-webhooks.ts";
import { createWebhookEventDispatcher } from "./webhook-event-dispatcher.ts";

const secret = generateWebhookSecret();
const event = { id: "evt_1", event: "error", timestamp: "2025-12-31T23:59:59.000Z", data: { a: 1 } };

async function open(answer: ScriptedAnswer) {
  const outbound = createOutboundDouble(() => answer);
  const parts = integrationsParts({ outbound });
  const webhooks = createWebhooks(parts);
  const { webhook } = await webhooks.registerWebhook({ url: "https://example.com/hook", secret });
  const dispatcher = createWebhookEventDispatcher(parts, { timeoutMs: 2_000 });
  const target = { webhook_id: webhook.id };
  const deliver = (details = {}) =>
    dispatcher.deliver(
      deliveryOf({ kind: "webhook_event", payload: event, target, ...details }),
      createDeliveryContext({ clock: parts.clock }),
    );
  return { ...parts, ...webhooks, webhook, dispatcher, deliver, requests: outbound.requests };
}

describe("an event by the dispatcher", () => {
  test("is the same request as without an outbox, but for the time of its attempt", async () => {
    const { deliver, emitWebhookEvent, requests, clock } = await open({ status: 200 });
    await emitWebhookEvent("error", { a: 1 }, { event_id: "evt_1" });
    const payload = { ...event, timestamp: new Date(clock.now()).toISOString() };
    expect(await deliver({ payload })).toMatchObject({ status: "delivered", answer: { status: 200 } });
    const [direct, durable] = requests;
    expect(durable?.headers).toEqual(direct?.headers);
    expect(durable?.url).toBe(direct?.url);
    expect(Buffer.from(durable?.body ?? "")).toEqual(direct?.body);
    expect(durable?.timeoutMs).toBe(2_000);
  });

  test("has the same id and bytes on every attempt, and a time of its own", async () => {
    const { deliver, clock, requests } = await open({ status: 500 });
    await deliver();
    clock.advance(60_000);
    await deliver({ attempt: 2, id: "another" });
    const [first, second] = requests;
    expect(second?.body).toBe(first?.body);
    for (const [index, { headers = {}, body = "" }] of requests.entries()) {
      const now = new Date(Date.parse("2026-01-01T00:00:00Z") + index * 60_000);
      expect(verifyWebhook({ headers, rawBody: body, secrets: [secret], now, toleranceMs: 0 })).toEqual({
        id: "evt_1",
        timestamp: now,
      });
    }
  });

  test("is made once: what may pass is for the outbox to send again", async () => {
    const { deliver, requests } = await open({ status: 503, headers: { "retry-after": "9" } });
    expect(await deliver()).toMatchObject({ failure: "retryable", code: "http_503", retryAfterMs: 9_000 });
    expect(requests).toHaveLength(1);
  });

  test("that is refused is tried again, as Standard Webhooks says", async () => {
    expect(await (await open({ status: 404 })).deliver()).toMatchObject({ failure: "retryable" });
    const timeout = outboundError("OUTBOUND_TIMEOUT", true);
    expect(await (await open(timeout)).deliver()).toMatchObject({ failure: "retryable", code: "timeout" });
  });

  test("that is answered 410 disables the webhook, and is skipped from then on", async () => {
    const { deliver, listWebhooks, requests, webhook } = await open({ status: 410 });
    expect(await deliver()).toMatchObject({ failure: "permanent", code: "gone" });
    expect(await listWebhooks()).toMatchObject([{ disabled_at: "2026-01-01T00:00:00.000Z" }]);
    expect(await deliver()).toEqual({
      status: "skipped",
      reason: `The webhook ${webhook.id} is disabled: it answered 410.`,
    });
    expect(requests).toHaveLength(1);
  });

  test("is skipped when the webhook is gone", async () => {
    const { deliver, deleteWebhook, webhook, requests } = await open({ status: 200 });
    await deleteWebhook(webhook.id);
    expect(await deliver()).toEqual({ status: "skipped", reason: `The webhook ${webhook.id} was deleted.` });
    expect(requests).toEqual([]);
  });

  test("is signed by the secret that the webhook has by now", async () => {
    const { deliver, registerWebhook, requests, clock } = await open({ status: 200 });
    const newer = generateWebhookSecret();
    await registerWebhook({ url: "https://example.com/hook", secret: newer });
    await deliver();
    const [{ headers = {}, body = "" } = {}] = requests;
    const now = new Date(clock.now());
    expect(verifyWebhook({ headers, rawBody: body, secrets: [newer], now }).id).toBe("evt_1");
  });

  test("waits for a person when the secret cannot be opened", async () => {
    const { deliver, store, requests } = await open({ status: 200 });
    await store.update(({ webhooks }) => {
      for (const one of webhooks) one.secret = "enc:v1:00000000:AAAA";
    });
    expect(await deliver()).toMatchObject({ failure: "misconfigured", code: "secret_unreadable" });
    expect(requests).toEqual([]);
  });

  test("is tried again when the state cannot be read", async () => {
    const parts = integrationsParts({ outbound: createOutboundDouble(() => ({ status: 200 })) });
    const store = { ...parts.store, read: () => Promise.reject(new Error("The disk is gone.")) };
    const outcome = await createWebhookEventDispatcher({ ...parts, store }).deliver(
      deliveryOf({ kind: "webhook_event", payload: event, target: { webhook_id: "w" } }),
      createDeliveryContext(),
    );
    expect(outcome).toMatchObject({ failure: "retryable", code: "state_unreadable" });
    expect(parts.errors).toMatchObject([{ operation: "integrations.webhook.look_up" }]);
  });
});

describe("other deliveries", () => {
  test("are posted as to a bare URL, with the delivery's id", async () => {
    const { deliver, requests } = await open({ status: 200 });
    const result = { text: "done", files: [], actions: [] };
    const details = { kind: "task_result", payload: { task_id: "t1", result }, id: "delivery-7" };
    expect(await deliver(details)).toMatchObject({ status: "delivered" });
    expect(requests[0]).toMatchObject({
      body: '{"task_id":"t1","result":"done"}',
      headers: { "webhook-id": "delivery-7" },
    });
  });

  test("that are refused are final", async () => {
    const { deliver } = await open({ status: 404 });
    expect(await deliver({ kind: "message", payload: { text: "x" } })).toMatchObject({
      failure: "permanent",
    });
  });
});

test.each([
  [{}, "webhook_id", "Add the id of a webhook."],
  [{ webhook_id: "" }, "webhook_id", "Add the id of a webhook."],
  [{ webhook_id: "w", url: "https://example.com/" }, "url", "Unknown field."],
])("the target %j is refused", async (target, field, message) => {
  const { dispatcher } = await open({ status: 200 });
  expect(await parseTarget(dispatcher, target)).toMatchObject({
    ok: false,
    issues: [{ field, message: expect.stringContaining(message) }],
  });
});
