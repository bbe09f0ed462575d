import { createIntegrations } from "@core/integrations-state";
import { createMemoryStore } from "@core/integrations-state/testing";
import type { IntegrationsState } from "../integrations-state/integrations-state.ts";
import { outboxOf } from "../integrations-state/webhook-outbox.ts";

/** A state that is forgotten with its test, whose events go to the outbox of the tasks. */
export function memoryIntegrations(): Pick<IntegrationsState, "store" | "open"> {
  const store = createMemoryStore();
  return { store, open: (deliveries) => createIntegrations({ store, outbox: outboxOf(deliveries) }) };
}
