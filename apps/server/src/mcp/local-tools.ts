import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "@core/database";
import { createIntegrations, integrationTools } from "@core/integrations-state";
import { createOutbound } from "@core/outbound";
import type { Logger } from "@core/registry";
import { openCommandDatabase } from "../admin/command-database.ts";
import { CommandError } from "../commands/command.ts";
import type { Configuration } from "../configuration.ts";
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
  readonly logger: Logger;
}

/**
 * Tools that work on the state themselves: the file in the data folder, or the database's. The caller holds the lock of
 * the folder meanwhile.
 * @throws CommandError, DatabaseError, KeyFileError
 */
export async function openLocalTools(options: LocalToolsOptions): Promise<ToolSource> {
  const { configuration, logger } = options;
  const { databaseUrl, dataDir, mcpAllowUrls: allowUrls, mcpReadOnly: readOnly } = configuration;
  const encryptionKey = await encryptionKeyOf(configuration, logger);
  const database = databaseUrl === null ? null : await openCommandDatabase(configuration, "migrated");
  const undo: Undo[] = database === null ? [] : [() => database.close()];
  const integrations = openIntegrations({ ...options, database, encryptionKey }, undo);
  return {
    tools: servedTools(integrationTools(integrations, { allowUrls, readOnly, logger })),
    place: database === null ? dataDir : "the database",
    [Symbol.asyncDispose]: () => undoAll(undo, logger),
  };
}

interface OpenIntegrationsOptions extends LocalToolsOptions {
  readonly database: Database | null;
  readonly encryptionKey: string;
}

function openIntegrations(
  options: OpenIntegrationsOptions,
  undo: Undo[],
): ReturnType<typeof createIntegrations> {
  const { configuration, environment, database, encryptionKey, logger } = options;
  const { dataDir, outboundAllow: allow, outboundTimeoutMs: timeoutMs, smtp } = configuration;
  const { gitAutoCommitRepository: repository } = configuration;
  const outbound = createOutbound({ allow, logger });
  undo.push(() => outbound.close());
  const integrations = createIntegrations({
    ...statePlace(database, dataDir),
    encryptionKey,
    outbound,
    webhooks: { timeoutMs },
    ...(smtp && { smtp }),
    ...(repository !== null && { git: { repository, environment: withoutOwnSecrets(environment) } }),
    logger,
  });
  undo.push(() => integrations.close());
  return integrations;
}

/** A key that is made here would be none of those that the servers on a database have. */
async function encryptionKeyOf(configuration: Configuration, logger: Logger): Promise<string> {
  const { databaseUrl, dataDir, encryptionKey } = configuration;
  const file = join(dataDir, "encryption-key");
  const isShared = databaseUrl !== null && encryptionKey === null;
  if (
    isShared &&
    !(await access(file).then(
      () => true,
      () => false,
    ))
  )
    throw new CommandError("Set ENCRYPTION_KEY to that of the servers on this database.");
  return (await resolveEncryptionKey(configuration, logger)).value;
}
