import type { Dispatcher, Integration, IntegrationContext } from "@core/registry";
import { createRegistry } from "@core/registry";

/** Sets an integration up and gives its dispatcher, as a server has it in the end. */
export async function dispatcherOf(
  integration: Integration,
  context: IntegrationContext,
): Promise<Dispatcher> {
  const { type, dispatcher, setup } = integration;
  if (dispatcher === undefined || setup === undefined) throw new Error(withoutDispatcher(type));
  const registry = createRegistry({ integrations: [integration], logger: context.logger });
  registry.activate(type, await setup.call(integration, context));
  return registry.dispatchers.get(type);
}

function withoutDispatcher(type: string): string {
  return `The integration "${type}" has no dispatcher. State \`dispatcher\` and a \`setup\` that gives \`deliver\`.`;
}
