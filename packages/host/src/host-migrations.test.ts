import { createTestDatabases, freshSchema, testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import { hostMigrations } from "./host-migrations.ts";
import { createIntegrationStorage } from "./integration-storage.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

describe.each(testEngines)("the migrations on %s", (engine) => {
  it("may run twice, and do nothing the second time", async () => {
    const database = await databases.open(engine);
    const set = hostMigrations(freshSchema());
    const first = await database.migrate([set]);
    const second = await database.migrate([set]);
    expect(first.applied).toEqual([{ package: set.name, name: "0001-integration-storage" }]);
    expect(second.applied).toEqual([]);
  });

  it("make the tables that the storage uses unless told otherwise", async () => {
    const database = await databases.open(engine);
    await database.migrate([hostMigrations()]);
    const storage = createIntegrationStorage(database)("hello");
    await storage.set("key", "value");
    expect(await storage.get("key")).toBe("value");
  });
});

describe("the names of the migrations", () => {
  it("tell the package, and the schema when it is not the usual one", () => {
    expect(hostMigrations().name).toBe("@core/host");
    expect(hostMigrations("other").name).toBe("@core/host in other");
  });
});
