import type { Database } from "@core/database";
import { createTestDatabases, freshSchema, openTestDatabase, testEngines } from "@core/database/testing";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emptyState } from "../state/empty-state.ts";
import type { IntegrationState } from "../state/integration-state.ts";
import { writeStateDocument } from "../state/state-document.ts";
import { stateStoreContract } from "../testing.ts";
import type { StatePlace } from "../testing.ts";
import { createPostgresStore } from "./postgres-store.ts";
import { stateMigrations } from "./state-migrations.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

const enable = (state: IntegrationState): void => {
  state.git_auto_commit.enabled = true;
};

describe.each(testEngines)("the store on %s", (engine) => {
  let database: Database;
  beforeAll(async () => {
    database = await databases.open(engine);
  });

  async function newSchema(): Promise<string> {
    const schema = freshSchema();
    await database.migrate([stateMigrations(schema)]);
    return schema;
  }

  async function newPlace(): Promise<StatePlace> {
    const schema = await newSchema();
    return {
      open: (clock) => createPostgresStore({ database, schema, clock, mutatorTimeoutMs: 60_000 }),
      remove: () => database.kysely.schema.dropSchema(schema).cascade().execute(),
    };
  }

  it.each(stateStoreContract({ newPlace }))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });

  it("holds what a state file would hold, so that one can become the other", async () => {
    const schema = await newSchema();
    const store = createPostgresStore({ database, schema });
    const document = writeStateDocument(emptyState(new Date("2026-01-01T00:00:00Z")));
    await sql`insert into ${table(schema)} (document) values (${document})`.execute(database.kysely);
    expect(await store.read()).toEqual(JSON.parse(document));
    const { state } = await store.update(enable);
    expect(await documentIn(schema)).toBe(writeStateDocument(state));
  });

  it("begins anew when its row was removed", async () => {
    const schema = await newSchema();
    const store = createPostgresStore({ database, schema });
    await store.update(enable);
    await sql`truncate ${table(schema)}`.execute(database.kysely);
    expect((await store.read()).git_auto_commit.enabled).toBe(false);
    await store.update(enable);
    expect((await store.read()).git_auto_commit.enabled).toBe(true);
  });

  it.each([
    ["STATE_CORRUPT", '{"webhooks": "hunter2"}'],
    ["STATE_VERSION_UNSUPPORTED", '{"version": 2}'],
  ])("says %s of what it cannot read, and leaves it there", async (code, document) => {
    const schema = await newSchema();
    await sql`insert into ${table(schema)} (document) values (${document})`.execute(database.kysely);
    const store = createPostgresStore({ database, schema });
    await expect(store.read()).rejects.toMatchObject({ code });
    await expect(store.update(enable)).rejects.toMatchObject({ code });
    expect(await documentIn(schema)).toBe(document);
  });

  it("says what to do when its table is missing", async () => {
    const store = createPostgresStore({ database, schema: "nowhere" });
    const message = expect.stringContaining("apply stateMigrations()");
    await expect(store.read()).rejects.toMatchObject({ code: "STATE_UNREADABLE", retryable: false, message });
    await expect(store.update(enable)).rejects.toMatchObject({
      code: "STATE_WRITE_FAILED",
      retryable: false,
      message,
    });
  });

  it("says that the database is closed, which no repetition mends", async () => {
    await using own = await openTestDatabase(engine);
    const store = createPostgresStore({ database: own });
    await own.close();
    const cause = expect.objectContaining({ code: "DATABASE_CLOSED" });
    await expect(store.read()).rejects.toMatchObject({ code: "STATE_UNREADABLE", retryable: false, cause });
    await expect(store.update(enable)).rejects.toMatchObject({
      code: "STATE_WRITE_FAILED",
      retryable: false,
      cause,
    });
  });

  it("refuses at once inside a transaction, where it would wait for ever, also while it is busy", async () => {
    const store = createPostgresStore({ database, schema: await newSchema() });
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const busy = store.update(async () => {
      begun.resolve();
      await end.promise;
    });
    await begun.promise;
    end.resolve();
    await database.kysely.transaction().execute(async () => {
      await expect(store.read()).rejects.toMatchObject({ code: "DATABASE_OUTER_HANDLE" });
      await expect(store.update(enable)).rejects.toMatchObject({ code: "DATABASE_OUTER_HANDLE" });
    });
    await busy;
  });

  it("fails a mutator that asks the database itself, and only it", async () => {
    const store = createPostgresStore({ database, schema: await newSchema() });
    const asking = store.update(() => store.read());
    const next = store.update(enable);
    await expect(asking).rejects.toMatchObject({ code: "DATABASE_OUTER_HANDLE" });
    await expect(next).resolves.toMatchObject({ state: { git_auto_commit: { enabled: true } } });
  });

  const table = (schema: string) => sql.id(schema, "integrations_state");

  async function documentIn(schema: string): Promise<string | undefined> {
    const query = sql<{ document: string }>`select document from ${table(schema)}`;
    return (await query.execute(database.kysely)).rows[0]?.document;
  }
});
