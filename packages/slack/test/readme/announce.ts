import { createRegistry, parseTarget, type DeliveryOutcome, type IntegrationContext } from "@core/registry";
import { slack } from "@integration/slack";

export async function announce(
  text: string,
  channelId: string,
  context: IntegrationContext,
): Promise<DeliveryOutcome> {
  const { logger, clock } = context;
  const registry = createRegistry({ integrations: [slack], logger });
  const deactivate = registry.activate("slack", (await slack.setup?.(context)) ?? {});

  const dispatcher = registry.dispatchers.get("slack");
  const written = await parseTarget(dispatcher, { channel_id: channelId }); // when somebody states a target
  if (!written.ok) throw new Error(written.issues.map(({ message }) => message).join(" "));
  const outcome = await dispatcher.deliver(
    {
      id: crypto.randomUUID(),
      dispatch_type: "slack",
      target: written.target,
      created_at: new Date().toISOString(),
      attempt: 1,
      bot: { name: "ada", display_name: "Ada", integration_config: { slack: { icon_emoji: ":owl:" } } },
      origin: null,
      sent_parts: [],
      kind: "message",
      payload: { text },
    },
    { signal: AbortSignal.timeout(60_000), logger, clock, partSent: async () => {} },
  );
  deactivate();
  return outcome;
}
