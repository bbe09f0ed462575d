import type { JsonObject, JsonValue } from "@core/registry";
import type { NotificationPriority, StoredNotification } from "../state/integration-state.ts";

/** Messages to people, over channels. */
export interface Notifications {
  /**
   * Sends a notification and keeps it in the history. That it could not be delivered is a value.
   * @throws INTEGRATIONS_INPUT_INVALID, DESTINATION_NOT_FOUND
   */
  sendNotification(options: NotificationOptions, call?: NotificationCall): Promise<NotificationReport>;
  /** The history, newest first, at most 200. */
  listNotifications(): Promise<StoredNotification[]>;
}

export interface NotificationOptions {
  /** `slack`, `discord`, `email`, `webhook`, or a channel that the instance was given. */
  readonly channel: string;
  /** At most 100,000 characters. */
  readonly message: string;
  /** Shown where the service can show it. Default `normal`. */
  readonly priority?: NotificationPriority;
  /** Where to send it by name. Default: the channel's default destination, when there is no `webhook_url`. */
  readonly destination?: string;
  /** A destination of this one call. It is a credential: code may give one, a model should not. */
  readonly webhook_url?: string;
  /** In the service's own form, at most 100; for `email` `{ filename, content, encoding?, content_type? }`. */
  readonly attachments?: readonly JsonValue[];
  /** Tried in order when the first one did not get it, at most 5; those of another channel without attachments. */
  readonly fallback_destinations?: readonly string[];
  /** A second notification with the same key is not sent within a day of one that was delivered or is under way. */
  readonly dedupe_key?: string;
  /** Of one attempt. Clamped to 1,000–60,000; default 10,000. All to one destination together have 60,000. */
  readonly timeout_ms?: number;
  /** Attempts after the first at each destination, for each part of a message. Clamped to 0–5; default 2. */
  readonly retry_count?: number;
}

export interface NotificationCall {
  /** Ends the attempts; what was sent stays sent. */
  readonly signal?: AbortSignal;
}

export interface NotificationReport {
  /** False only when it was to be delivered and was not. */
  readonly success: boolean;
  /** Of a suppressed notification: the id of the one that was sent in its place. */
  readonly notification_id: string;
  /** A service or a mail server has taken it. */
  readonly delivered: boolean;
  readonly channel: string;
  readonly priority: NotificationPriority;
  readonly delivery: NotificationDelivery;
}

export type NotificationStatus =
  | "delivered"
  /** The service took it and says no more, such as a mail server. */
  | "accepted"
  | "failed"
  /** Nothing says where to, or a setting is missing: recorded only. */
  | "not_configured"
  /** The dedupe key was used before. */
  | "suppressed";

/** How it went at one destination. */
export interface DestinationResult {
  readonly status: NotificationStatus;
  /** Null for a `webhook_url` or none. */
  readonly destination: string | null;
  /** Of the last answer; null when there was none. */
  readonly http_status: number | null;
  /** Of all parts of a message that had to be split. */
  readonly attempts: number;
  /** Why it was not delivered, as a code such as `http_500`, `timeout`, `no_service` or `no_destination`. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** What was split, cut or left out to fit the service, a sentence each. */
  readonly notes: readonly string[];
  /** What the service said of it, such as a message id; never a credential. */
  readonly details?: JsonObject;
}

/** How it went at the destination that got it, or at the last one that failed. */
export interface NotificationDelivery extends DestinationResult {
  /** The other destinations that were tried, in order. */
  readonly tried: readonly DestinationResult[];
}
