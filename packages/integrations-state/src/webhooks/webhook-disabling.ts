import { maskUrl } from "@core/outbound";
import type { IntegrationsParts } from "../integrations-parts.ts";
import type { StoredWebhook } from "../state/integration-state.ts";

type DisablingParts = Pick<IntegrationsParts, "store" | "diagnostics" | "clock" | "logger">;

/**
 * Sends nothing more to a webhook whose receiver wants nothing more. One that was registered again since it was read
 * stays enabled. That it could not be stored is reported, and the next event is answered 410 again.
 */
export async function disableWebhook(
  { store, diagnostics, clock, logger }: DisablingParts,
  { id, url, updated_at }: StoredWebhook,
): Promise<void> {
  const facts = { webhook_id: id, url: maskUrl(url) };
  try {
    const { result: isDisabled } = await store.update(({ webhooks }) => {
      const webhook = webhooks.find((one) => one.id === id && one.updated_at === updated_at);
      if (webhook === undefined || webhook.disabled_at !== undefined) return false;
      webhook.disabled_at = new Date(clock.now()).toISOString();
      return true;
    });
    if (!isDisabled) return;
    diagnostics.metric("integrations.webhook.disabled", 1);
    diagnostics.event("integrations.webhook.disabled", { webhook_id: id, reason: "gone" });
    logger.warn(facts, "The webhook answered 410 and is disabled. Register it again to enable it.");
  } catch (error) {
    diagnostics.error("integrations.webhook.disable", error, { webhook_id: id });
    logger.error({ ...facts, err: error }, "The webhook answered 410, and could not be disabled.");
  }
}
