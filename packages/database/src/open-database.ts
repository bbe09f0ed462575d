import { randomUUID } from "node:crypto";
import { sql, type Kysely, type QueryExecutorProvider } from "kysely";
import { assertChannel } from "./channel-hub.ts";
import type { Database } from "./database.ts";
import type { Engine } from "./engine.ts";
import { createGuardedKysely } from "./guarded-kysely.ts";
import { silentLogger, type DatabaseLogger } from "./logger.ts";
import { runMigrations } from "./migration-runner.ts";
import { openEmbedded, openInMemory, type EmbeddedOptions, type MemoryOptions } from "./pglite-engine.ts";
import { openPostgres, type PostgresOptions } from "./postgres-engine.ts";

/** Where the database is: on a server, in a folder, or in memory. */
export type DatabaseOptions = (PostgresOptions | EmbeddedOptions | MemoryOptions) & {
  readonly logger?: DatabaseLogger;
};

/**
 * Opens a database on a Postgres server, or an embedded one in a folder or in memory.
 * @throws {DatabaseError} DATABASE_UNREACHABLE, DATABASE_OPEN_FAILED, DATA_DIR_LOCKED or DATA_DIR_UNUSABLE.
 * @example
 * await using database = await openDatabase({ dataDir: "./data" });
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const logger = options.logger ?? silentLogger;
  if ("url" in options) return assembleDatabase(await openPostgres(options, logger));
  if ("dataDir" in options) return assembleDatabase(await openEmbedded(options, logger));
  return assembleDatabase(await openInMemory(options, logger));
}

function assembleDatabase(engine: Engine): Database {
  const { kysely, guard } = createGuardedKysely(engine.dialect);
  const listener = engine.createListener((statement) => runStatement(kysely, statement));
  let closing: Promise<void> | undefined;

  async function closeInOrder(): Promise<void> {
    const idle = guard.close();
    await listener.close();
    await idle;
    await engine.close();
  }

  async function close(): Promise<void> {
    guard.assertOutside();
    await (closing ??= closeInOrder());
  }

  return {
    engine: engine.name,
    bootId: randomUUID(),
    kysely,
    assertOutside: () => guard.assertOutside(),
    migrate: (sets) => runMigrations(kysely, sets),
    async listen(channel, handler, options) {
      guard.assertOutside();
      guard.assertOpen();
      const unlisten = await listener.listen(channel, handler, options);
      return async () => {
        if (closing === undefined) await unlisten();
      };
    },
    notify: (channel, payload, trx) => sendNotification(trx ?? kysely, channel, payload),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function runStatement(kysely: Kysely<unknown>, statement: string): Promise<void> {
  await sql.raw(statement).execute(kysely);
}

async function sendNotification(
  executor: QueryExecutorProvider,
  channel: string,
  payload: string,
): Promise<void> {
  assertChannel(channel);
  await sql`select pg_notify(${channel}, ${payload})`.execute(executor);
}
