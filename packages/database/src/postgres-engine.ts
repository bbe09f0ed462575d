import { PostgresDialect, type PostgresPool, type PostgresPoolClient } from "kysely";
import pg from "pg";
import { columnParser, sessionSettings } from "./column-parsers.ts";
import type { Engine } from "./engine.ts";
import type { DatabaseLogger } from "./logger.ts";
import { encodeParameters } from "./parameter-encoding.ts";
import { connectError, parsePostgresUrl } from "./postgres-address.ts";
import { PostgresListener } from "./postgres-listener.ts";
import { createStatementNames, type StatementNames } from "./prepared-statements.ts";

/** Options of a database on a Postgres server. */
export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database`. */
  readonly url: string;
  /** Connections at most, one more for notifications. Default 10. */
  readonly poolSize?: number;
  /** How long to wait for a connection. Default 10 000. */
  readonly connectTimeoutMs?: number;
  /** Shown in `pg_stat_activity`. Default `agent-integrations`. */
  readonly applicationName?: string;
}

/** The pool awaits it before it first lends a connection, though its type does not say so. */
const sessionHook = { onConnect: prepareSession };

/** Connects to a Postgres server, once now to prove that it answers. */
export async function openPostgres(options: PostgresOptions, logger: DatabaseLogger): Promise<Engine> {
  parsePostgresUrl(options.url);
  const { pool: poolConfig, listener: listenerConfig } = connectionConfigs(options);
  const pool = new pg.Pool(poolConfig);
  pool.on("error", (error) => logger.warn({ err: error }, "An idle database connection failed."));
  // A connection that breaks while it is lent out raises its own event; its user learns by the next query.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const names = createStatementNames(() =>
    logger.warn({}, "A pooler hands its connections around, so statements are not prepared from now on."),
  );
  const adapted = adaptPool(pool, options.url, names);
  try {
    (await adapted.connect()).release();
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    name: "postgres",
    dialect: new PostgresDialect({ pool: adapted }),
    createListener: () => new PostgresListener({ url: options.url, client: listenerConfig, logger }),
    close: () => pool.end(),
  };
}

function connectionConfigs(options: PostgresOptions): { pool: pg.PoolConfig; listener: pg.ClientConfig } {
  const applicationName = options.applicationName ?? "agent-integrations";
  const shared = {
    connectionString: options.url,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
  return {
    pool: {
      ...shared,
      application_name: applicationName,
      max: options.poolSize ?? 10,
      // pg offers no narrower type for a parser of its own.
      types: { getTypeParser: ((oid: number) => columnParser(oid)) as typeof pg.types.getTypeParser },
      ...sessionHook,
    },
    listener: { ...shared, application_name: `${applicationName} listener` },
  };
}

async function prepareSession(client: pg.ClientBase): Promise<void> {
  await client.query(sessionSettings);
}

/** The pool as Kysely sees it: parameters encoded by our table, failures to connect typed. */
function adaptPool(pool: pg.Pool, url: string, names: StatementNames): PostgresPool {
  const adapted = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    Client: pg.Client,
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw connectError(url, error);
      });
      const known = adapted.get(client) ?? adaptClient(client, names);
      adapted.set(client, known);
      return known;
    },
  };
}

function adaptClient(client: pg.PoolClient, names: StatementNames): PostgresPoolClient {
  return { query: query as PostgresPoolClient["query"], release: (destroy) => client.release(destroy) };

  async function query(text: string, parameters: readonly unknown[]): Promise<unknown> {
    const values = encodeParameters(parameters);
    const name = names.nameOf(text);
    if (name === undefined) return client.query(text, values);
    try {
      return await client.query({ name, text, values });
    } catch (error) {
      // Nothing has run yet; a transaction, though, is spoilt.
      if (!names.isShared(error) || client.getTransactionStatus() !== IDLE) throw error;
      return client.query(text, values);
    }
  }
}

/** Of the protocol's transaction states: in none. */
const IDLE = "I";
