import type { StoredWebhook } from "../state/integration-state.ts";
import type { WebhookSummary } from "./webhooks.ts";

/** A webhook as anybody may see it who may see its URL. */
export function webhookSummary(stored: StoredWebhook): WebhookSummary {
  const { id, url, events, secret, created_at, updated_at, disabled_at } = stored;
  return {
    id,
    url,
    events,
    has_secret: secret !== "",
    created_at,
    updated_at,
    ...(disabled_at !== undefined && { disabled_at }),
  };
}
