import type { DestinationSummary, WebhookSummary } from "@core/integrations-state";
import { createMemoryStore } from "@core/integrations-state/testing";
import { maskUrl } from "@core/outbound";
import type { ServedIntegrations } from "../http/integrations-state/served-integrations.ts";

export const FAKE_TIME = "2030-01-01T00:00:00.000Z";
const times = { created_at: FAKE_TIME, updated_at: FAKE_TIME };

/** Integrations in memory that check nothing and send nothing, for tests of the HTTP layer. */
export function createFakeIntegrations(): ServedIntegrations {
  const { read, update } = createMemoryStore();
  const listWebhooks = async (): Promise<WebhookSummary[]> =>
    (await read()).webhooks.map(({ secret, ...webhook }) => ({ ...webhook, has_secret: secret !== "" }));
  const listDestinations = async (): Promise<DestinationSummary[]> =>
    (await read()).destinations.map(({ url, ...destination }) => ({ ...destination, address: maskUrl(url) }));
  return {
    listWebhooks,
    listDestinations,
    async getIntegrationState() {
      const [state, webhooks, destinations] = await Promise.all([read(), listWebhooks(), listDestinations()]);
      return { ...state, webhooks, destinations, notifications: state.notifications.toReversed() };
    },
    async registerWebhook({ url, secret = "" }) {
      const id = `webhook-${url.length}`;
      const { result: created } = await update(({ webhooks }) => {
        if (webhooks.some((webhook) => webhook.url === url)) return false;
        webhooks.push({ id, url, secret, events: ["error"], ...times });
        return true;
      });
      const webhook: WebhookSummary = { id, url, events: ["error"], has_secret: secret !== "", ...times };
      return { created, webhook, warnings: [] };
    },
    async deleteWebhook(webhookId) {
      const { result: removed } = await update(({ webhooks }) =>
        take(webhooks, ({ id }) => id === webhookId),
      );
      return { removed, webhook_id: webhookId };
    },
    emitWebhookEvent: async (_event, _payload, { event_id = "event-1" } = {}) => ({
      event_id,
      sent: 0,
      failed: 0,
      skipped: 0,
      deliveries: [],
    }),
    getGitAutoCommitConfig: async () => (await read()).git_auto_commit,
    async setGitAutoCommitConfig({ enabled }) {
      const { state } = await update(({ git_auto_commit: config }) => {
        config.enabled = enabled ?? config.enabled;
      });
      return state.git_auto_commit;
    },
    listNotifications: async () => (await read()).notifications.toReversed(),
    async sendNotification({ channel, message, priority = "normal", destination = null }) {
      const { state } = await update(({ notifications }) => {
        const id = `notification-${notifications.length + 1}`;
        notifications.push({
          id,
          channel,
          message,
          priority,
          delivered: false,
          created_at: FAKE_TIME,
          meta: {},
        });
      });
      const delivery = {
        status: "not_configured",
        destination,
        http_status: null,
        attempts: 0,
        error: null,
        notes: [],
        tried: [],
      } as const;
      const id = `notification-${state.notifications.length}`;
      return { success: true, notification_id: id, delivered: false, channel, priority, delivery };
    },
    async setDestination({ name, channel, url, is_default = true }) {
      const { result: created } = await update(({ destinations }) => {
        if (destinations.some((one) => one.name === name)) return false;
        destinations.push({ name, channel, url, is_default, ...times });
        return true;
      });
      return { created, destination: { name, channel, address: maskUrl(url), is_default, ...times } };
    },
    async deleteDestination(name) {
      const { result: removed } = await update(({ destinations }) =>
        take(destinations, (one) => one.name === name),
      );
      return { removed, name };
    },
  };
}

/** Takes out the first that fits, and tells whether there was one. */
function take<Item>(items: Item[], fits: (item: Item) => boolean): boolean {
  const at = items.findIndex(fits);
  if (at >= 0) items.splice(at, 1);
  return at >= 0;
}
