import { exportMigrationSql } from "@core/database";
import type { MigrationSet } from "@core/database";
import { createTestDatabases, freshSchema, testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import { createPostgresStore } from "./postgres-store.ts";
import { stateMigrations } from "./state-migrations.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

describe.each(testEngines)("the migrations on %s", (engine) => {
  it("may run twice, and do nothing the second time", async () => {
    const database = await databases.open(engine);
    const set = stateMigrations(freshSchema());
    const first = await database.migrate([set]);
    const second = await database.migrate([set]);
    expect(first.applied).toEqual([{ package: set.name, name: "0001-integrations-state" }]);
    expect(second.applied).toEqual([]);
  });

  it("make the table that the store uses unless told otherwise", async () => {
    const database = await databases.open(engine);
    await database.migrate([stateMigrations()]);
    const store = createPostgresStore({ database });
    const { state } = await store.update(() => undefined);
    expect(await store.read()).toEqual(state);
  });

  it("take any name of a schema", async () => {
    const database = await databases.open(engine);
    const schema = `${freshSchema()} "odd.name"`;
    await database.migrate([stateMigrations(schema)]);
    const store = createPostgresStore({ database, schema });
    const { state } = await store.update(() => undefined);
    expect(await store.read()).toEqual(state);
  });
});

describe("the set of migrations", () => {
  it("tells the package, and the schema when it is not the usual one", () => {
    expect(stateMigrations().name).toBe("@core/integrations-state");
    expect(stateMigrations("other").name).toBe("@core/integrations-state in other");
  });

  it("is what @core/database takes, and can be written as a script", () => {
    const set: MigrationSet = stateMigrations();
    expect(exportMigrationSql([set])).toContain('create table "integrations".integrations_state');
  });
});
