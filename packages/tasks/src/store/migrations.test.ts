import { createTestDatabases, freshSchema, testEngines } from "@core/database/testing";
import { createDispatcherRegistry } from "@core/registry";
import { afterAll, describe, expect, it } from "vitest";
import { tasksMigrations } from "./migrations.ts";
import { createTasks } from "../tasks.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

describe.each(testEngines)("the migrations on %s", (engine) => {
  it("may run twice, and do nothing the second time", async () => {
    const database = await databases.open(engine);
    const set = tasksMigrations(freshSchema());
    const first = await database.migrate([set]);
    const second = await database.migrate([set]);
    expect(first.applied).toEqual([{ package: set.name, name: "0001-tasks" }]);
    expect(second.applied).toEqual([]);
  });

  it("make tables that work in a schema of any name", async () => {
    const database = await databases.open(engine);
    const schema = `${freshSchema()} "odd.name"`;
    await database.migrate([tasksMigrations(schema)]);
    const tasks = createTasks({ database, schema, dispatchers: createDispatcherRegistry() });
    const { task } = await tasks.enqueue({ type: "t", lane: "l" });
    const worker = tasks.createWorker({ handlers: { t: async () => "done" } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", result: "done" });
  });
});

describe("the names of the migrations", () => {
  it("tell the package, and the schema when it is not the usual one", () => {
    expect(tasksMigrations().name).toBe("@core/tasks");
    expect(tasksMigrations("other").name).toBe("@core/tasks in other");
  });
});
