import type { JsonObject } from "@core/registry";
import type { IntegrationEvent } from "../events/event-names.ts";

/** Endpoints that receive events, signed. */
export interface Webhooks {
  /** All webhooks without their secrets, oldest first. */
  listWebhooks(): Promise<WebhookSummary[]>;
  /** Registers a webhook, or changes the one with the same normalised URL. @throws INTEGRATIONS_INPUT_INVALID */
  registerWebhook(input: WebhookInput): Promise<WebhookRegistration>;
  /** `removed` is false when there was none. */
  deleteWebhook(webhookId: string): Promise<WebhookRemoval>;
  /**
   * Sends an event to every webhook: `sent + failed + skipped` is their number. Failures are values.
   * @throws INTEGRATIONS_INPUT_INVALID, or what the state answers when it cannot be read
   */
  emitWebhookEvent(eventName: string, payload?: JsonObject, options?: EmitOptions): Promise<EmitReport>;
}

export interface WebhookSummary {
  readonly id: string;
  readonly url: string;
  readonly events: readonly IntegrationEvent[];
  readonly has_secret: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  /** Since when nothing is sent here, because the receiver answered 410. */
  readonly disabled_at?: string;
}

export interface WebhookInput {
  /** http or https, without credentials. */
  readonly url: string;
  /** Omitted: all events at creation, unchanged at an update. */
  readonly events?: readonly string[];
  /** Omitted: none at creation, unchanged at an update. Empty: none. */
  readonly secret?: string;
  /** Makes a `whsec_` secret, which the answer shows this once. Not together with `secret`. */
  readonly generate_secret?: boolean;
}

export interface WebhookRegistration {
  readonly created: boolean;
  readonly webhook: WebhookSummary;
  /** The secret that was made on request; shown nowhere else. */
  readonly secret?: string;
  /** What the caller should know, such as a secret that gives no Standard Webhooks headers. */
  readonly warnings: readonly string[];
}

export interface WebhookRemoval {
  readonly removed: boolean;
  readonly webhook_id: string;
}

export interface EmitOptions {
  /**
   * 1 to 255 visible ASCII characters without dot or comma. The same event emitted twice has the same id, and receivers
   * drop the second. Default: a new one.
   */
  readonly event_id?: string;
  /** Ends what is under way; without an outbox only. */
  readonly signal?: AbortSignal;
}

export interface EmitReport {
  /** Also `webhook-id` of every request. */
  readonly event_id: string;
  /** Answered 2xx; with an outbox: stored, and sent until it arrives. */
  readonly sent: number;
  readonly failed: number;
  /** Not subscribed, or disabled. */
  readonly skipped: number;
  /** One of each webhook that is not skipped. */
  readonly deliveries: readonly EmitDelivery[];
}

export interface EmitDelivery {
  readonly webhook_id: string;
  /** With its path masked. */
  readonly url: string;
  readonly status: "delivered" | "failed" | "queued";
  /** Of the last attempt's answer; null when there was none, or not yet. */
  readonly http_status: number | null;
  readonly attempts: number;
  /**
   * Why it failed: `http_…`, `gone` (410), `timeout`, `network_error`, `address_refused`, `url_invalid`,
   * `secret_unreadable`, `no_place`, `aborted` or `outbox_failed`.
   */
  readonly error: { readonly code: string; readonly message: string } | null;
}
