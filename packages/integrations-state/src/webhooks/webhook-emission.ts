import { maskUrl } from "@core/outbound";
import type { JsonObject } from "@core/registry";
import type { IntegrationsParts } from "../integrations-parts.ts";
import type { StoredWebhook } from "../state/integration-state.ts";
import type { AttemptPlaces } from "./attempt-places.ts";
import { createAttemptPlaces } from "./attempt-places.ts";
import { tellableError } from "./tellable-error.ts";
import type { EventDelivery } from "./webhook-delivery.ts";
import { deliverEvent } from "./webhook-delivery.ts";
import { webhookEvent } from "./webhook-event.ts";
import type { WebhookEvent, WebhookOutbox } from "./webhook-outbox.ts";
import { reportEmission } from "./webhook-report.ts";
import { createWebhookSigners } from "./webhook-signers.ts";
import type { WebhookSettings } from "./webhook-settings.ts";
import type { EmitDelivery, EmitOptions, Webhooks } from "./webhooks.ts";

/** An attempt that lasts longer makes room for others. */
const SLOW_AFTER_MS = 1_000;

/** Makes the one place that sends events to webhooks: at once, or through the outbox where there is one. */
export function createEmission(
  parts: IntegrationsParts,
  settings: WebhookSettings,
): Webhooks["emitWebhookEvent"] {
  const { store, clock } = parts;
  const places = createAttemptPlaces({
    total: settings.concurrency,
    perOrigin: settings.concurrencyPerOrigin,
    slowAfterMs: SLOW_AFTER_MS,
    clock,
  });
  const signerOf = createWebhookSigners(parts);

  return async (eventName, payload = {}, options = {}) => {
    const startedAt = clock.now();
    const event = webhookEvent({ eventName, payload, event_id: options.event_id }, clock);
    const { webhooks } = await store.read();
    const receivers = webhooks.filter((one) => isReceiver(one, event));
    const deliveries = settings.outbox
      ? await queue(parts, settings.outbox, event, receivers)
      : await fanOut(parts, { settings, places, signerOf, options }, event, receivers);
    return reportEmission(parts, { event, deliveries, of: webhooks.length, startedAt });
  };
}

function isReceiver({ events, disabled_at }: StoredWebhook, { event }: WebhookEvent): boolean {
  return disabled_at === undefined && events.includes(event);
}

/** Once the outbox has them, they count as sent. */
async function queue(
  { diagnostics, logger }: IntegrationsParts,
  outbox: WebhookOutbox,
  event: WebhookEvent,
  receivers: readonly StoredWebhook[],
): Promise<EmitDelivery[]> {
  const tell = (outcome: Pick<EmitDelivery, "status" | "error">): EmitDelivery[] =>
    receivers.map(({ id, url }) => ({
      webhook_id: id,
      url: maskUrl(url),
      http_status: null,
      attempts: 0,
      ...outcome,
    }));
  if (receivers.length === 0) return [];
  try {
    await outbox.send(
      event,
      receivers.map(({ id }) => ({ webhook_id: id })),
    );
    return tell({ status: "queued", error: null });
  } catch (error) {
    const facts = { event: event.event, event_id: event.id };
    diagnostics.error("integrations.webhook.queue", error, facts);
    logger.error({ ...facts, err: error }, "The outbox did not take an event for webhooks.");
    return tell({ status: "failed", error: { code: "outbox_failed", message: tellableError(error) } });
  }
}

interface FanOut {
  readonly settings: WebhookSettings;
  readonly places: AttemptPlaces;
  readonly signerOf: EventDelivery["signerOf"];
  readonly options: EmitOptions;
}

/** Written once: every receiver gets the same bytes, and on every attempt. */
async function fanOut(
  parts: IntegrationsParts,
  { settings, places, signerOf, options: { signal } }: FanOut,
  event: WebhookEvent,
  receivers: readonly StoredWebhook[],
): Promise<EmitDelivery[]> {
  const { timeoutMs, retries, budgetMs } = settings;
  const waiting = new AbortController();
  const giveUp = (): void => waiting.abort();
  if (signal?.aborted) giveUp();
  signal?.addEventListener("abort", giveUp, { once: true });
  const stopBudget = parts.clock.after(budgetMs, giveUp);
  const delivery = {
    id: event.id,
    body: bodyOf(event),
    timeoutMs,
    retries,
    deadlineMs: parts.clock.now() + budgetMs,
    places,
    signerOf,
    waiting: waiting.signal,
    ...(signal && { signal }),
  };
  try {
    return await Promise.all(receivers.map((webhook) => deliverEvent(parts, webhook, delivery)));
  } finally {
    stopBudget();
    signal?.removeEventListener("abort", giveUp);
  }
}

function bodyOf({ id, event, timestamp, data }: WebhookEvent): Uint8Array {
  const envelope: JsonObject = { id, event, timestamp, data };
  return Buffer.from(JSON.stringify(envelope));
}
