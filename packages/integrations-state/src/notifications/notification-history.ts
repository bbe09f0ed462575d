import type {
  IntegrationState,
  NotificationPriority,
  StoredNotification,
} from "../state/integration-state.ts";
import { newestKept } from "../state/state-schema.ts";
import { isTaken } from "./notification-delivery.ts";
import type { NotificationDelivery } from "./notifications.ts";

/** What the history keeps of a notification. */
export interface NotificationRecord {
  readonly id: string;
  readonly channel: string;
  readonly message: string;
  readonly priority: NotificationPriority;
  readonly createdAt: Date;
  readonly delivery: NotificationDelivery;
}

const KEPT_CHARACTERS = 4_000;

/** Adds a notification to the history, and drops the oldest beyond 200. */
export function recordNotification(state: IntegrationState, record: NotificationRecord): void {
  state.notifications = newestKept([...state.notifications, storedNotification(record)]);
}

/** The history, newest first. */
export function notificationHistory({ notifications }: IntegrationState): StoredNotification[] {
  return newestKept(notifications).toReversed();
}

function storedNotification(record: NotificationRecord): StoredNotification {
  const { id, channel, message, priority, createdAt, delivery } = record;
  const { status, destination, http_status, attempts, error } = delivery;
  const kept = message.slice(0, KEPT_CHARACTERS);
  return {
    id,
    channel,
    // NUL and half characters, which Postgres refuses, become U+FFFD.
    message: kept.replaceAll("\0", "\uFFFD").toWellFormed(),
    priority,
    delivered: isTaken(delivery),
    created_at: createdAt.toISOString(),
    meta: {
      status,
      destination,
      http_status,
      attempts,
      error: error?.code ?? null,
      ...(kept.length < message.length && { message_length: message.length }),
    },
  };
}
