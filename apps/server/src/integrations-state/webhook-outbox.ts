import type { WebhookOutbox } from "@core/integrations-state";
import type { Deliveries } from "@core/tasks";

/** The dispatch type of webhooks that somebody has registered, beside `webhook` for bare URLs. */
export const REGISTERED_WEBHOOK = "registered_webhook";

/** Keeps events for webhooks in the outbox of the tasks, which sends each of them until it has arrived. */
export function outboxOf(deliveries: Pick<Deliveries, "sendMany">): WebhookOutbox {
  return {
    async send({ id, event, timestamp, data }, targets) {
      const message = {
        kind: "webhook_event" as const,
        source_id: id,
        payload: { id, event, timestamp, data },
      };
      const rows = targets.map(({ webhook_id }) => ({
        dispatch_type: REGISTERED_WEBHOOK,
        target: { webhook_id },
      }));
      await deliveries.sendMany(message, rows);
    },
  };
}
