import type { IntegrationsParts } from "../integrations-parts.ts";
import type { StoredNotificationKey } from "../state/integration-state.ts";
import { isTaken } from "./notification-delivery.ts";
import type { NotificationRequest } from "./notification-input.ts";
import type { NotificationDelivery, NotificationReport } from "./notifications.ts";

/** What a caller learns of a notification. That nothing is configured is no failure. */
export function notificationReport(
  { channel, priority }: NotificationRequest,
  id: string,
  delivery: NotificationDelivery,
): NotificationReport {
  return {
    success: delivery.status !== "failed",
    notification_id: id,
    delivered: isTaken(delivery),
    channel,
    priority,
    delivery,
  };
}

/** The report of one that was not sent, as another had its dedupe key. */
export function suppressedReport(
  { channel, priority }: NotificationRequest,
  former: StoredNotificationKey,
): NotificationReport {
  const { delivered, claimed_at: claimedAt } = former;
  const note = delivered
    ? `A notification with this dedupe key was sent at ${claimedAt}.`
    : `A notification with this dedupe key is being sent since ${claimedAt}.`;
  return {
    success: true,
    notification_id: former.notification_id,
    delivered,
    channel,
    priority,
    delivery: {
      status: "suppressed",
      destination: null,
      http_status: null,
      attempts: 0,
      error: null,
      notes: [note],
      tried: [],
    },
  };
}

/** Tells diagnostics and the log, and gives the report back. */
export function tellReport(
  report: NotificationReport,
  createdAt: Date,
  { diagnostics, logger, clock }: IntegrationsParts,
): NotificationReport {
  const { notification_id, channel, priority, delivery } = report;
  const { status, destination, http_status, attempts, error } = delivery;
  const facts = {
    notification_id,
    channel,
    priority,
    status,
    destination,
    http_status,
    attempts,
    code: error?.code ?? null,
  };
  diagnostics.metric(`integrations.notification.${status}`, 1, { channel, priority });
  diagnostics.metric("integrations.notification.send_ms", clock.now() - createdAt.getTime(), { channel });
  diagnostics.event(`integrations.notification.${status}`, facts);
  if (status === "failed") logger.warn(facts, `A notification was not delivered. ${error?.message ?? ""}`);
  return report;
}
