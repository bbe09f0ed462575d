import { randomBytes } from "node:crypto";
import { openAsBlob } from "node:fs";
import pg from "pg";
import type { Database } from "./database.ts";
import { openDatabase } from "./open-database.ts";

export type TestEngine = Database["engine"];

/** Every engine that a test of database code should run on. */
export const testEngines: readonly TestEngine[] = ["pglite", "postgres"];

/** The databases of one test file, opened when first asked for. */
export interface TestDatabases {
  /** One database per engine, shared by the tests of the file: give each test its own {@link freshSchema}. */
  open(engine: TestEngine): Promise<Database>;
  /** For `afterAll`. */
  close(): Promise<void>;
}

/** Makes the databases of a test file: one instance per engine, closed together. */
export function createTestDatabases(): TestDatabases {
  const opened = new Map<TestEngine, Promise<Database>>();
  return {
    open(engine) {
      const database = opened.get(engine) ?? openTestDatabase(engine);
      opened.set(engine, database);
      return database;
    },
    async close() {
      await Promise.all([...opened.values()].map(async (database) => (await database).close()));
      opened.clear();
    },
  };
}

/**
 * Opens an empty database for a test: PGlite in memory, from the dump that TEST_PGLITE_DUMP names if it is set,
 * or a database of its own on the server of TEST_POSTGRES_URL, dropped when it closes.
 */
export async function openTestDatabase(engine: TestEngine): Promise<Database> {
  if (engine === "postgres") return openOwnDatabase();
  const dumpFile = process.env["TEST_PGLITE_DUMP"];
  const dump = dumpFile === undefined ? {} : { dump: await openAsBlob(dumpFile) };
  return openDatabase({ memory: true, ...dump });
}

/** An empty database on a test's Postgres server. */
export interface PostgresDatabase {
  readonly url: string;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
}

/** Makes a database on the server of TEST_POSTGRES_URL, for a process that opens it by its URL. */
export async function createPostgresDatabase(): Promise<PostgresDatabase> {
  const cluster = clusterUrl();
  const name = freshSchema();
  // template0, because nobody can be connected to it and keep it from being copied.
  await onCluster(cluster, `create database ${name} template template0`);
  const url = new URL(cluster);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onCluster(cluster, `drop database if exists ${name} with (force)`) };
}

/** A schema name that no other test has. */
export function freshSchema(prefix: string = "test"): string {
  return `${prefix}_${randomBytes(6).toString("hex")}`;
}

function clusterUrl(): string {
  const url = process.env["TEST_POSTGRES_URL"];
  if (url !== undefined) return url;
  throw new Error(
    "TEST_POSTGRES_URL is not set. Run the tests from the root (its global setup starts a Postgres), or name a server.",
  );
}

async function openOwnDatabase(): Promise<Database> {
  const own = await createPostgresDatabase();
  const database = await openDatabase({ url: own.url });
  const close = async (): Promise<void> => {
    await database.close();
    await own.drop();
  };
  return { ...database, close, [Symbol.asyncDispose]: close };
}

async function onCluster(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
