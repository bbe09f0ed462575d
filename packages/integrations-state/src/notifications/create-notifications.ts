import { randomUUID } from "node:crypto";
import type { IntegrationsParts } from "../integrations-parts.ts";
import type { StoredNotificationKey } from "../state/integration-state.ts";
import { createCouriers } from "./couriers.ts";
import type { CouriersOptions } from "./couriers.ts";
import { claimKey, settleKey } from "./dedupe-key.ts";
import { deliverNotification, isTaken } from "./notification-delivery.ts";
import { notificationHistory, recordNotification } from "./notification-history.ts";
import type { NotificationRecord } from "./notification-history.ts";
import { readNotification } from "./notification-input.ts";
import type { NotificationRequest } from "./notification-input.ts";
import { notificationReport, suppressedReport, tellReport } from "./notification-report.ts";
import { notificationRoutes } from "./notification-route.ts";
import type { NotificationCall, Notifications } from "./notifications.ts";

/**
 * Makes the notifications of one state.
 * @throws INTEGRATIONS_INPUT_INVALID when the channels or the mail server cannot be meant
 */
export function createNotifications(parts: IntegrationsParts, options: CouriersOptions = {}): Notifications {
  const { store, secrets, clock } = parts;
  const couriers = createCouriers(parts, options);

  return {
    listNotifications: async () => notificationHistory(await store.read()),
    async sendNotification(input, call = {}) {
      const request = await readNotification(input, couriers);
      const routes = notificationRoutes(await store.read(), request);
      const id = randomUUID();
      const createdAt = new Date(clock.now());
      const former = await claim(id, request);
      if (former !== null) return tellReport(suppressedReport(request, former), createdAt, parts);

      const delivery = await deliverNotification({ ...request, id }, routes, limitsOf(request, call), {
        couriers,
        secrets,
      });
      const notes = await record({ ...request, id, createdAt, delivery });
      const report = notificationReport(request, id, { ...delivery, notes: [...delivery.notes, ...notes] });
      return tellReport(report, createdAt, parts);
    },
  };

  async function claim(
    notificationId: string,
    { dedupe_key: key }: NotificationRequest,
  ): Promise<StoredNotificationKey | null> {
    if (key === undefined) return null;
    const { result } = await store.update((state) =>
      claimKey(state, { key, notificationId, nowMs: clock.now() }),
    );
    return result;
  }

  /** What was sent stays sent: that it could not be recorded must not make a caller send it again. */
  async function record(entry: NotificationRecord): Promise<string[]> {
    const { id, delivery } = entry;
    try {
      await store.update((state) => {
        recordNotification(state, entry);
        settleKey(state, { notificationId: id, delivered: isTaken(delivery) });
      });
      return [];
    } catch (error) {
      if (!isTaken(delivery)) throw error;
      parts.diagnostics.error("integrations.notification.record", error, { notification_id: id });
      parts.logger.error({ notification_id: id, err: error }, "A notification was sent and not recorded.");
      return ["It is not in the history, as the state could not be written."];
    }
  }
}

function limitsOf(
  { timeout_ms: timeoutMs, retry_count: retries }: NotificationRequest,
  { signal }: NotificationCall,
): { timeoutMs: number; retries: number; signal?: AbortSignal } {
  return { timeoutMs, retries, ...(signal && { signal }) };
}
