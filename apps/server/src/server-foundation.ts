import type { Database, DataDirLock } from "@core/database";
import { lockDataDir, openDatabase } from "@core/database";
import type { Logger } from "@core/registry";
import type { Configuration } from "./configuration.ts";
import { joinFleet } from "./fleet/join-fleet.ts";
import { serverMigrations } from "./fleet/migrations.ts";
import type { Key, Keys } from "./keys.ts";
import { resolveKeys } from "./keys.ts";
import { migrationSets } from "./migration-sets.ts";
import type { Undo } from "./undo.ts";

export interface FoundationOptions {
  readonly configuration: Configuration;
  readonly logger: Logger;
  /** Told each secret before anything can log it. */
  readonly onSecret: (secret: string) => void;
  /** Told the API key at the start that makes it, and never again. */
  readonly onApiKeyMade: (apiKey: Key) => void;
  /** Told that a server with other keys has taken this one's place on the database: it has to stop. */
  readonly onConflict: (message: string) => void;
}

/** What everything else of a server stands on. */
export interface Foundation {
  readonly keys: Keys;
  readonly database: Database;
  /** Others on the database need not wait for this server any more. */
  readonly leaveFleet: Undo;
}

/** Takes the data folder, its keys and the database, and brings the tables up to date. */
export async function openFoundation(options: FoundationOptions, undo: Undo[]): Promise<Foundation> {
  const { configuration, logger } = options;
  const lock = await lockDataDir(configuration.dataDir);
  undo.push(() => lock.release());
  const keys = await madeKeys(options);
  const database = await openedDatabase(configuration, lock, logger);
  undo.push(() => database.close());
  // A server that is refused must not have changed the tables of those that work.
  await database.migrate([serverMigrations]);
  const leaveFleet = database.engine === "postgres" ? await joinedFleet(options, database, keys) : nothing;
  undo.push(leaveFleet);
  await database.migrate(migrationSets());
  return { keys, database, leaveFleet };
}

async function madeKeys({ configuration, logger, onSecret, onApiKeyMade }: FoundationOptions): Promise<Keys> {
  const keys = await resolveKeys(configuration, logger);
  for (const { value } of [keys.apiKey, keys.signingSecret, keys.encryptionKey]) onSecret(value);
  if (keys.apiKey.source === "generated") onApiKeyMade(keys.apiKey);
  return keys;
}

function openedDatabase(
  { databaseUrl, dataDir }: Configuration,
  lock: DataDirLock,
  logger: Logger,
): Promise<Database> {
  return databaseUrl === null
    ? openDatabase({ dataDir, lock, logger })
    : openDatabase({ url: databaseUrl, logger });
}

async function joinedFleet(
  { logger, onConflict }: FoundationOptions,
  database: Database,
  keys: Keys,
): Promise<Undo> {
  const { apiKey, signingSecret, encryptionKey, workerId: serverId } = keys;
  const values = {
    apiKey: apiKey.value,
    signingSecret: signingSecret.value,
    encryptionKey: encryptionKey.value,
  };
  const fleet = await joinFleet({ database, serverId, keys: values, onConflict, logger });
  return () => fleet.leave();
}

const nothing: Undo = () => undefined;
