import type { IntegrationsParts } from "../integrations-parts.ts";
import type { WebhookEvent } from "./webhook-outbox.ts";
import type { EmitDelivery, EmitReport } from "./webhooks.ts";

export interface Emission {
  readonly event: WebhookEvent;
  readonly deliveries: readonly EmitDelivery[];
  /** How many webhooks there are, with those that do not get it. */
  readonly of: number;
  readonly startedAt: number;
}

/** Counts what became of an event, and tells diagnostics and the log. */
export function reportEmission(parts: IntegrationsParts, emission: Emission): EmitReport {
  const { event, deliveries, of, startedAt } = emission;
  const failures = deliveries.filter(({ status }) => status === "failed");
  const report = {
    event_id: event.id,
    sent: deliveries.length - failures.length,
    failed: failures.length,
    skipped: of - deliveries.length,
    deliveries,
  };
  for (const failure of failures) reportFailure(parts, event, failure);

  const { diagnostics, clock } = parts;
  const { sent, failed, skipped } = report;
  for (const [outcome, count] of Object.entries({ sent, failed, skipped })) {
    if (count > 0) diagnostics.metric(`integrations.webhook.${outcome}`, count, { event: event.event });
  }
  diagnostics.metric("integrations.webhook.emit_ms", clock.now() - startedAt, { event: event.event });
  diagnostics.event("integrations.webhook.emitted", {
    event: event.event,
    event_id: event.id,
    sent,
    failed,
    skipped,
    took_ms: clock.now() - startedAt,
  });
  return report;
}

function reportFailure(
  { diagnostics, logger }: IntegrationsParts,
  { id, event }: WebhookEvent,
  { webhook_id, url, http_status, attempts, error }: EmitDelivery,
): void {
  const facts = { event, event_id: id, webhook_id, code: error?.code ?? null, http_status, attempts };
  diagnostics.event("integrations.webhook.delivery_failed", facts);
  logger.warn({ ...facts, url }, `A webhook did not get an event. ${error?.message ?? ""}`);
}
