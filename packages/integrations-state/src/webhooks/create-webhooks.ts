import type { IntegrationsParts } from "../integrations-parts.ts";
import { createEmission } from "./webhook-emission.ts";
import { registerWebhook } from "./webhook-registration.ts";
import { webhookSettings } from "./webhook-settings.ts";
import type { WebhooksOptions } from "./webhook-settings.ts";
import { webhookSummary } from "./webhook-summary.ts";
import type { WebhookRemoval, Webhooks } from "./webhooks.ts";

/** Makes the webhooks of one state. */
export function createWebhooks(parts: IntegrationsParts, options: WebhooksOptions = {}): Webhooks {
  return {
    listWebhooks: async () => (await parts.store.read()).webhooks.map(webhookSummary),
    registerWebhook: (input) => registerWebhook(parts, input),
    deleteWebhook: (webhookId) => deleteWebhook(parts, webhookId),
    emitWebhookEvent: createEmission(parts, webhookSettings(options)),
  };
}

async function deleteWebhook(
  { store, diagnostics }: IntegrationsParts,
  webhookId: string,
): Promise<WebhookRemoval> {
  const { result: removed } = await store.update((state) => {
    const before = state.webhooks.length;
    state.webhooks = state.webhooks.filter(({ id }) => id !== webhookId);
    return state.webhooks.length < before;
  });
  diagnostics.metric("integrations.webhook.deleted", 1, { removed });
  diagnostics.event("integrations.webhook.deleted", { webhook_id: webhookId, removed });
  return { removed, webhook_id: webhookId };
}
