import { expect, test } from "vitest";
import { integrationsParts } from "../../test/integrations-parts.ts";
import { createOutboundDouble, outboundError } from "../../test/outbound-double.ts";
import { createWebhooks } from "./create-webhooks.ts";
import { IntegrationsError } from "../errors.ts";
import type { WebhookOutbox } from "./webhook-outbox.ts";

async function open(send: WebhookOutbox["send"]) {
  const parts = integrationsParts({ outbound: createOutboundDouble(() => outboundError("OUTBOUND_CLOSED")) });
  const webhooks = createWebhooks(parts, { outbox: { send } });
  const { webhook: first } = await webhooks.registerWebhook({ url: "https://a.example/path" });
  await webhooks.registerWebhook({ url: "https://b.example/", events: ["task.sync"] });
  const { webhook: last } = await webhooks.registerWebhook({ url: "https://c.example/" });
  return { ...parts, ...webhooks, first, last };
}

test("an outbox is handed the event and its receivers at once, which count as sent", async () => {
  const calls: unknown[] = [];
  const { emitWebhookEvent, first, last } = await open(async (...call) => void calls.push(call));
  const queued = { status: "queued", http_status: null, attempts: 0, error: null };
  expect(await emitWebhookEvent("error", { a: 1 }, { event_id: "e1" })).toEqual({
    event_id: "e1",
    sent: 2,
    failed: 0,
    skipped: 1,
    deliveries: [
      { webhook_id: first.id, url: "https://a.example/…", ...queued },
      { webhook_id: last.id, url: "https://c.example/", ...queued },
    ],
  });
  expect(calls).toEqual([
    [
      { id: "e1", event: "error", timestamp: "2026-01-01T00:00:00.000Z", data: { a: 1 } },
      [{ webhook_id: first.id }, { webhook_id: last.id }],
    ],
  ]);
});

test("an outbox is left alone when nobody wants the event", async () => {
  const calls: unknown[] = [];
  const { emitWebhookEvent, deleteWebhook, first, last } = await open(
    async (...call) => void calls.push(call),
  );
  await deleteWebhook(first.id);
  await deleteWebhook(last.id);
  expect(await emitWebhookEvent("error")).toMatchObject({ sent: 0, failed: 0, skipped: 1 });
  expect(calls).toEqual([]);
});

test.each([
  [new IntegrationsError({ code: "STATE_CLOSED", message: "It is closed." }), "It is closed."],
  [new Error("postgres://user:password@host/"), "It failed with an error that was logged."],
])("an outbox that fails with %s fails them all, and nothing is sent past it", async (error, message) => {
  const { emitWebhookEvent, errors, logger } = await open(async () => {
    throw error;
  });
  const failed = { status: "failed", attempts: 0, error: { code: "outbox_failed", message } };
  expect(await emitWebhookEvent("error")).toMatchObject({
    sent: 0,
    failed: 2,
    skipped: 1,
    deliveries: [failed, failed],
  });
  expect(errors).toMatchObject([{ operation: "integrations.webhook.queue", error }]);
  expect(logger.entries[0]).toMatchObject({ level: "error", fields: { err: error } });
});
