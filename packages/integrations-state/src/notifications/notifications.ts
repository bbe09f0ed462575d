import type { JsonObject, JsonValue } from "@core/registry";
import type { NotificationPriority, StoredNotification } from "../state/integration-state.ts";

/** Messages to people, over channels. */
export interface Notifications {
  /**
   * Sends a notification and keeps it in the history. That it could not be delivered is a value.
   * @throws INTEGRATIONS_INPUT_INVALID, DESTINATION_NOT_FOUND
   */
  sendNotification(options: NotificationOptions): Promise<NotificationReport>;
  /** The history, newest first, at most 200. */
  listNotifications(): Promise<StoredNotification[]>;
}

export interface NotificationOptions {
  /** `slack`, `discord`, `email`, `webhook`, or a channel that the instance was given. */
  readonly channel: string;
  readonly message: string;
  /** Default `normal`. */
  readonly priority?: NotificationPriority;
  /** Where to send it by name. Default: the channel's default destination, when there is no `webhook_url`. */
  readonly destination?: string;
  /** A destination of this one call. It is a credential: code may give one, a model should not. */
  readonly webhook_url?: string;
  readonly attachments?: readonly JsonValue[];
  /** Tried in order when the first one did not get it. */
  readonly fallback_destinations?: readonly string[];
  /** A second notification with the same key within a day is not sent; its report is the first one's. */
  readonly dedupe_key?: string;
  /** Of one attempt. Clamped to 1,000–60,000; default 10,000. */
  readonly timeout_ms?: number;
  /** Attempts after the first. Clamped to 0–5; default 2. */
  readonly retry_count?: number;
}

export interface NotificationReport {
  /** False only when it was to be delivered and was not. */
  readonly success: boolean;
  readonly notification_id: string;
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
  /** Nothing says where to: recorded only. */
  | "not_configured"
  /** The dedupe key was used before. */
  | "suppressed";

export interface NotificationDelivery {
  readonly status: NotificationStatus;
  /** The destination that got it, or the last one tried; null for a `webhook_url` or none. */
  readonly destination: string | null;
  readonly http_status: number | null;
  readonly attempts: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** What the service said of it, such as a message id; never a credential. */
  readonly details?: JsonObject;
}
