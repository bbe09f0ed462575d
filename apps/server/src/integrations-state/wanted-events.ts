import type { IntegrationEvent, IntegrationsParts } from "@core/integrations-state";
import type { Logger } from "@core/registry";

/** Whether a webhook or git auto-commit listens to an event; when that cannot be found out, they may. */
export async function isWanted(
  event: IntegrationEvent,
  { store, logger }: { readonly store: Pick<IntegrationsParts["store"], "read">; readonly logger: Logger },
): Promise<boolean> {
  try {
    const { webhooks, git_auto_commit: git } = await store.read();
    const listens = webhooks.some(
      ({ events, disabled_at }) => disabled_at === undefined && events.includes(event),
    );
    return listens || (git.enabled && git.on_events.includes(event));
  } catch (error) {
    logger.warn({ err: error, event }, "It cannot be read who listens to this event; it is told anyway.");
    return true;
  }
}
