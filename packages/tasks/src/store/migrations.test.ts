import type { Migration } from "@core/database";
import { exportMigrationSql } from "@core/database";
import { createTestDatabases, freshSchema, testEngines } from "@core/database/testing";
import { createDispatcherRegistry } from "@core/registry";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { tasksMigrations } from "./migrations.ts";
import { createTasks } from "../create-tasks.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

describe.each(testEngines)("the migrations on %s", (engine) => {
  it("may run twice, and do nothing the second time", async () => {
    const database = await databases.open(engine);
    const set = tasksMigrations(freshSchema());
    const first = await database.migrate([set]);
    const second = await database.migrate([set]);
    expect(first.applied).toEqual([{ package: set.name, name: "0001-engine" }]);
    expect(second.applied).toEqual([]);
  });

  it("make tables that work in a schema of another name", async () => {
    const database = await databases.open(engine);
    const schema = `Odd_${freshSchema()}`;
    await database.migrate([tasksMigrations(schema)]);
    const tasks = createTasks({ database, schema, dispatchers: createDispatcherRegistry() });
    const { task } = await tasks.enqueue({ type: "t", lane: "l" });
    const worker = tasks.createWorker({ handlers: { t: async () => "done" } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", result: "done" });
  });
});

describe.each(testEngines)("an older version on %s", (engine) => {
  it("goes on beside a newer one, whose migration has been applied under its feet", async () => {
    const database = await databases.open(engine);
    const schema = freshSchema();
    const present = tasksMigrations(schema);
    await database.migrate([present]);
    const tasks = createTasks({ database, schema });
    const ended = Promise.withResolvers<void>();
    const worker = tasks.createWorker({
      handlers: { t: async () => "done" },
      onTaskSettled: ({ payload }) => (payload === "after" ? ended.resolve() : undefined),
    });
    await worker.start();
    await tasks.enqueue({ type: "t", payload: "before" });

    const next: Migration = {
      name: "0002-next",
      statements: [
        `alter table "${schema}".task add column colour text default 'red'`,
        `alter table "${schema}".task_body add column shape text`,
        `create function "${schema}".work_2() returns int language sql as 'select 2'`,
      ],
    };
    await database.migrate([{ ...present, migrations: [...present.migrations, next] }]);
    const { unknown } = await database.migrate([present]);
    expect(unknown).toContainEqual({ package: present.name, name: "0002-next" });
    const { task } = await tasks.enqueue({ type: "t", payload: "after", lane: "l" });
    await ended.promise;
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete", result: "done" });
  });
});

describe("the migrations as a script on postgres", () => {
  it("make the same tables, so that nothing is left to do", async () => {
    const database = await databases.open("postgres");
    const schema = freshSchema();
    const set = tasksMigrations(schema);
    await sql.raw(exportMigrationSql([set])).execute(database.kysely);
    expect((await database.migrate([set])).applied).toEqual([]);
    const tasks = createTasks({ database, schema });
    const { task } = await tasks.enqueue({ type: "t", lane: "l" });
    const worker = tasks.createWorker({ handlers: { t: async () => "done" } });
    await worker.runUntilIdle();
    await worker.stop();
    expect(await tasks.get(task.id)).toMatchObject({ state: "complete" });
  });
});

describe("the names of the migrations", () => {
  it("tell the package, and the schema when it is not the usual one", () => {
    expect(tasksMigrations().name).toBe("@core/tasks");
    expect(tasksMigrations("other").name).toBe("@core/tasks in other");
  });
});
