import { createTestDatabases, freshSchema, testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import { stateStoreContract } from "../testing.ts";
import type { StatePlace } from "../testing.ts";
import { createPostgresStore } from "./postgres-store.ts";
import { stateMigrations } from "./state-migrations.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

describe.each(testEngines)("the store on %s", (engine) => {
  async function newPlace(): Promise<StatePlace> {
    const database = await databases.open(engine);
    const schema = freshSchema();
    await database.migrate([stateMigrations(schema)]);
    return {
      open: (clock) => createPostgresStore({ database, schema, clock }),
      remove: () => database.kysely.schema.dropSchema(schema).cascade().execute(),
    };
  }

  it.each(stateStoreContract({ newPlace }))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
