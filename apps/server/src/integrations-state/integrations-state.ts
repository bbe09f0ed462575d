import type { Database } from "@core/database";
import type { Integrations, IntegrationsParts } from "@core/integrations-state";
import {
  createIntegrations,
  createIntegrationsParts,
  createWebhookEventDispatcher,
} from "@core/integrations-state";
import { opentelemetryHooks } from "@core/integrations-state/opentelemetry";
import type { Outbound } from "@core/outbound";
import type { FileLink, FileRef, Logger, Registry } from "@core/registry";
import type { Deliveries } from "@core/tasks";
import type { Configuration } from "../configuration.ts";
import type { Keys } from "../keys.ts";
import { sealStored } from "./seal-stored.ts";
import { statePlace } from "./state-place.ts";
import { outboxOf, REGISTERED_WEBHOOK } from "./webhook-outbox.ts";

export interface IntegrationsStateOptions {
  readonly database: Database;
  readonly registry: Registry;
  readonly outbound: Outbound;
  readonly keys: Pick<Keys, "encryptionKey">;
  readonly fileLink: (file: FileRef) => FileLink | null;
  readonly configuration: Pick<
    Configuration,
    "dataDir" | "outboundTimeoutMs" | "smtp" | "gitAutoCommitRepository"
  >;
  /** What git inherits: nothing secret, as a repository may name programs that git runs. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

/** The state of webhooks, notifications and git auto-commit, on which instances open once there is an outbox. */
export interface IntegrationsState {
  readonly store: IntegrationsParts["store"];
  open(deliveries: Pick<Deliveries, "sendMany">): Integrations;
  /** Seals what stands in clear in a state that was written without this server's key. Never rejects. */
  seal(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the state, in the database of several servers or in a file of this one, and registers who sends its events. */
export function openIntegrationsState(options: IntegrationsStateOptions): IntegrationsState {
  const { database, registry, outbound, keys, fileLink, configuration, environment, logger } = options;
  const { smtp, gitAutoCommitRepository: repository, outboundTimeoutMs: timeoutMs } = configuration;
  const common = {
    ...statePlace(database, configuration.dataDir),
    encryptionKey: keys.encryptionKey.value,
    outbound,
    // Does nothing until an SDK is registered, with `node --import`.
    diagnostics: opentelemetryHooks(),
    logger,
  };
  const parts = createIntegrationsParts(common);
  const dispatcher = createWebhookEventDispatcher(parts, { timeoutMs, fileLink });
  registry.dispatchers.register(REGISTERED_WEBHOOK, dispatcher, { owner: "@core/integrations-state" });
  return {
    store: parts.store,
    open: (deliveries) =>
      createIntegrations({
        ...common,
        store: parts.store,
        outbox: outboxOf(deliveries),
        ...(smtp && { smtp }),
        ...(repository !== null && { git: { repository, environment } }),
      }),
    seal: () => sealStored(parts),
    close: () => parts.store.close(),
  };
}
