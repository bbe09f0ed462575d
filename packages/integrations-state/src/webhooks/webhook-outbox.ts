import type { IntegrationEvent } from "../events/event-names.ts";
import type { JsonObject } from "@core/registry";

/** An event as every receiver gets it: its JSON, in this order, is the body of each request. */
export interface WebhookEvent {
  /** Also `webhook-id` of each request. */
  readonly id: string;
  readonly event: IntegrationEvent;
  /** When it was emitted, in ISO 8601. */
  readonly timestamp: string;
  readonly data: JsonObject;
}

/** Where an event goes; the target of the dispatcher that `createWebhookEventDispatcher` makes. */
export interface WebhookEventTarget {
  readonly webhook_id: string;
}

/** Keeps events until they have arrived, such as a durable queue with that dispatcher behind it. */
export interface WebhookOutbox {
  /** Resolves once the event is stored for all of these; the same event and target twice are stored once. */
  send(event: WebhookEvent, targets: readonly WebhookEventTarget[]): Promise<void>;
}
