import type { JsonObject } from "@core/registry";
import type { IntegrationEvent } from "../events/event-names.ts";

/**
 * What the state file holds, in the shape and with the names of its first version. Times are ISO 8601 in UTC.
 * Fields marked as additions are unknown to older readers, who leave them out.
 */
export interface IntegrationState {
  version: 1;
  updated_at: string;
  webhooks: StoredWebhook[];
  git_auto_commit: GitAutoCommitConfig;
  /** Oldest first, at most 200. A mutator may replace one, and cannot change it. */
  notifications: Readonly<StoredNotification>[];
  /** An addition. */
  destinations: StoredDestination[];
  /** An addition: which dedupe keys of notifications were used within a day, oldest first, at most 1,000. */
  notification_keys?: StoredNotificationKey[];
}

export interface StoredWebhook {
  id: string;
  /** Normalised as `new URL(url).href`. Two webhooks share one only where an earlier program has stored them so. */
  url: string;
  events: IntegrationEvent[];
  /** Empty: unsigned. Sealed when the instance has an encryption key. */
  secret: string;
  created_at: string;
  updated_at: string;
  /** An addition: since when nothing is sent here, because the receiver answered 410; cleared by registering again. */
  disabled_at?: string;
  /** An addition: events that only another version knows, kept for it. */
  unknown_events?: string[];
}

export interface GitAutoCommitConfig {
  enabled: boolean;
  on_events: IntegrationEvent[];
  /** An addition: events that only another version knows, kept for it. */
  unknown_events?: string[];
}

export interface StoredNotification {
  id: string;
  channel: string;
  message: string;
  priority: NotificationPriority;
  delivered: boolean;
  created_at: string;
  /** How the delivery went; never a URL with its path, never a secret. */
  meta: JsonObject;
  /** An addition: a priority that only another version knows. */
  unknown_priority?: string;
}

/** In the order of urgency. */
export const NOTIFICATION_PRIORITIES = ["low", "normal", "high", "urgent"] as const;

export type NotificationPriority = (typeof NOTIFICATION_PRIORITIES)[number];

/** The use of a dedupe key. A notification that could not be delivered gives its key back. */
export interface StoredNotificationKey {
  key: string;
  notification_id: string;
  claimed_at: string;
  /** False while it is being sent. */
  delivered: boolean;
}

/** Where notifications of a channel go, by a name that anybody may know. */
export interface StoredDestination {
  /** `[a-z0-9][a-z0-9_-]*`, unique. */
  name: string;
  channel: string;
  /** A credential, or an e-mail address. Sealed when the instance has an encryption key. */
  url: string;
  /** At most one of each channel: where a notification goes that names none. */
  is_default: boolean;
  created_at: string;
  updated_at: string;
}
