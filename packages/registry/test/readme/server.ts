import {
  createRegistry,
  parseTarget,
  systemClock,
  type DeliveryOutcome,
  type HookContext,
  type IntegrationContext,
} from "@core/registry";
import { hello } from "./hello.js";

export async function greet(name: string, context: IntegrationContext): Promise<DeliveryOutcome> {
  const { logger } = context;
  const registry = createRegistry({ integrations: [hello], logger });
  const deactivate = registry.activate("hello", (await hello.setup?.(context)) ?? {});

  const dispatcher = registry.dispatchers.get("hello");
  const written = await parseTarget(dispatcher, { name }); // when somebody states a target
  if (!written.ok) throw new Error(written.issues.map(({ message }) => message).join(" "));
  const outcome = await dispatcher.deliver(
    {
      id: "delivery-1",
      dispatch_type: "hello",
      target: written.target,
      created_at: new Date().toISOString(),
      attempt: 1,
      bot: null,
      origin: null,
      sent_parts: [],
      kind: "message",
      payload: { text: "Hi." },
    },
    { signal: AbortSignal.timeout(10_000), logger, clock: systemClock, partSent: async () => {} },
  );

  const whose: HookContext = {
    bot_id: null,
    session_id: null,
    channel_id: null,
    client_id: null,
    correlation_id: "run-1",
    origin: null,
  };
  const call = { tool_name: "search", tool_args: {}, result: null, duration_ms: 5, error: null };
  registry.hooks.emit("after_tool_call", whose, call); // comes back at once and never throws
  await registry.hooks.flush();
  deactivate();
  return outcome;
}
