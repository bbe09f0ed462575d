import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "@core/database";
import { secretVariables } from "@core/host";
import type { Integrations } from "@core/integrations-state";
import { createIntegrations, integrationTools } from "@core/integrations-state";
import { createOutbound } from "@core/outbound";
import type { Logger } from "@core/registry";
import { openCommandDatabase } from "../admin/command-database.ts";
import { CommandError } from "../commands/command.ts";
import type { Configuration } from "../configuration.ts";
import { ownIntegrations } from "../integrations/own-integrations.ts";
import { statePlace } from "../integrations-state/state-place.ts";
import { resolveEncryptionKey } from "../keys.ts";
import { withoutOwnSecrets } from "../own-secrets.ts";
import type { Undo } from "../undo.ts";
import { undoAll } from "../undo.ts";
import { servedTools } from "./served-tool.ts";
import type { ToolSource } from "./tool-source.ts";

export interface LocalToolsOptions {
  readonly configuration: Configuration;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Seals secrets at rest. */
  readonly encryptionKey: string;
  readonly logger: Logger;
}

/**
 * Tools that work on the state themselves: the file in the data folder, or the database's.
 * @throws CommandError, DatabaseError
 */
export async function openLocalTools(options: LocalToolsOptions): Promise<ToolSource> {
  const { configuration, logger } = options;
  const { databaseUrl, dataDir, mcpAllowUrls: allowUrls, mcpReadOnly: readOnly } = configuration;
  const database = databaseUrl === null ? null : await openCommandDatabase(configuration, "migrated");
  const undo: Undo[] = database === null ? [] : [() => database.close()];
  const integrations = openIntegrations({ ...options, database }, undo);
  return {
    tools: servedTools(integrationTools(integrations, { allowUrls, readOnly, logger })),
    place: database === null ? dataDir : "the database",
    [Symbol.asyncDispose]: () => undoAll(undo, logger),
  };
}

interface OpenIntegrationsOptions extends LocalToolsOptions {
  readonly database: Database | null;
}

function openIntegrations(options: OpenIntegrationsOptions, undo: Undo[]): Integrations {
  const { configuration, environment, database, encryptionKey, logger } = options;
  const { dataDir, outboundAllow: allow, outboundTimeoutMs: timeoutMs, smtp } = configuration;
  const { gitAutoCommitRepository: repository } = configuration;
  const outbound = createOutbound({ allow, logger });
  undo.push(() => outbound.close());
  const place = statePlace(database, dataDir);
  undo.push(() => place.store?.close());
  const plain = withoutOwnSecrets(environment, secretVariables(ownIntegrations));
  const integrations = createIntegrations({
    ...place,
    encryptionKey,
    outbound,
    webhooks: { timeoutMs },
    ...(smtp && { smtp }),
    ...(repository !== null && { git: { repository, environment: plain } }),
    logger,
  });
  undo.push(() => integrations.close());
  return integrations;
}

/**
 * The key for these settings, made where there is none yet, but not for a database: it would be none of its servers'.
 * The caller holds the lock of the folder.
 * @throws CommandError, KeyFileError
 */
export async function encryptionKeyOf(configuration: Configuration, logger: Logger): Promise<string> {
  const { databaseUrl, dataDir, encryptionKey } = configuration;
  const isShared = databaseUrl !== null && encryptionKey === null;
  const kept = await stat(join(dataDir, "encryption-key")).catch(() => null);
  if (isShared && kept === null)
    throw new CommandError("Set ENCRYPTION_KEY to that of the servers on this database.");
  return (await resolveEncryptionKey(configuration, logger)).value;
}
