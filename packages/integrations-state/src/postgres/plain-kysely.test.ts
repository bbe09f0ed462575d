import { createPostgresDatabase } from "@core/database/testing";
import type { PostgresDatabase } from "@core/database/testing";
import { Kysely, PostgresDialect, PostgresDriver, sql } from "kysely";
import type { DatabaseConnection, LogEvent, PostgresDialectConfig } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IntegrationsError } from "../errors.ts";
import { stateStoreContract } from "../testing.ts";
import type { StatePlace } from "../testing.ts";
import { createPostgresStore } from "./postgres-store.ts";
import { stateMigrations } from "./state-migrations.ts";

/** What somebody has who knows nothing of @core/database. */
interface Shop {
  orders: { id: number };
}

const queries: string[] = [];
const log = ({ query }: LogEvent): void => void queries.push(query.sql);

let server: PostgresDatabase;
let pool: pg.Pool;
let kysely: Kysely<Shop>;

beforeAll(async () => {
  server = await createPostgresDatabase();
  // The store must hold whatever the level is that the server's own code has chosen for itself.
  const options = "-c default_transaction_isolation=serializable";
  pool = new pg.Pool({ connectionString: server.url, max: 4, options });
  kysely = new Kysely<Shop>({ dialect: new PostgresDialect({ pool }), log });
});

afterAll(async () => {
  await kysely.destroy();
  await server.drop();
});

async function createTable(schema: string): Promise<void> {
  for (const { statements } of stateMigrations(schema).migrations)
    for (const statement of statements) await sql.raw(statement).execute(kysely);
}

describe("the store on a Kysely of the user's own", () => {
  let places = 0;

  async function newPlace(): Promise<StatePlace> {
    const schema = `place_${(places += 1)}`;
    await createTable(schema);
    return {
      open: (clock) => createPostgresStore({ database: { kysely }, schema, clock, mutatorTimeoutMs: 60_000 }),
    };
  }

  it.each(stateStoreContract({ newPlace }))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });

  it("writes 64 updates that wait together in one transaction", async () => {
    await createTable("group");
    const store = createPostgresStore({ database: { kysely }, schema: "group" });
    queries.length = 0;
    await Promise.all(Array.from({ length: 64 }, () => store.update(() => undefined)));
    expect(queries.filter((query) => query.startsWith("update"))).toHaveLength(1);
    expect(queries.filter((query) => query.endsWith("for update")).length).toBeLessThanOrEqual(2);
  });
});

describe("a connection that is lost with the answer to a commit", () => {
  it("leaves it open whether the change is stored, and says so", async () => {
    await createTable("lost");
    const losing = new Kysely<Shop>({ dialect: new LosingDialect({ pool }) });
    const lost = createPostgresStore({ database: { kysely: losing }, schema: "lost" }).update((state) => {
      state.git_auto_commit.enabled = true;
    });
    const error: unknown = await lost.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IntegrationsError);
    expect(error).toMatchObject({
      code: "STATE_WRITE_FAILED",
      retryable: true,
      details: { may_be_stored: true },
      message: expect.stringContaining("Read the state"),
    });
    const state = await createPostgresStore({ database: { kysely }, schema: "lost" }).read();
    expect(state.git_auto_commit.enabled).toBe(true);
  });
});

class LosingDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;

  constructor(config: PostgresDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): PostgresDriver {
    return new LosingDriver(this.#config);
  }
}

class LosingDriver extends PostgresDriver {
  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await super.commitTransaction(connection);
    throw new Error("The connection was lost.");
  }
}
