import type { IntegrationEvent, IntegrationsParts } from "@core/integrations-state";
import type { Logger } from "@core/registry";

export interface WantedEventsOptions {
  readonly store: Pick<IntegrationsParts["store"], "read">;
  readonly logger: Logger;
}

/** Tells of any event whether a webhook or git auto-commit listens to it now; when that cannot be read, they may. */
export async function readWantedEvents({
  store,
  logger,
}: WantedEventsOptions): Promise<(event: IntegrationEvent) => boolean> {
  try {
    const { webhooks, git_auto_commit: git } = await store.read();
    return (event) =>
      webhooks.some(({ events, disabled_at }) => disabled_at === undefined && events.includes(event)) ||
      (git.enabled && git.on_events.includes(event));
  } catch (error) {
    logger.warn({ err: error }, "It cannot be read who listens to which event; all are told.");
    return () => true;
  }
}
