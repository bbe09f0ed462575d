import { createTestDatabases, freshSchema, testEngines } from "@core/database/testing";
import { createTasks, tasksMigrations } from "@core/tasks";
import { afterAll, describe, expect, test } from "vitest";
import { createTestApp } from "../testing/test-app.ts";
import { statsSchema } from "./stats-document.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

describe.each(testEngines)("GET /api/v1/tasks/stats on %s", (engine) => {
  test("answers what the document says, of a queue that works", async () => {
    const database = await databases.open(engine);
    const schema = freshSchema();
    await database.migrate([tasksMigrations(schema)]);
    const tasks = createTasks({ database, schema });
    await tasks.enqueueMany([{ type: "t" }, { type: "later", delay_ms: 60_000 }]);
    const worker = tasks.createWorker({ handlers: { t: async () => "done" } });
    await worker.runUntilIdle();
    const response = await createTestApp({ tasks }).get("/api/v1/tasks/stats");
    await worker.stop();
    expect(response.status).toBe(200);
    const stats = await response.json();
    expect(statsSchema.safeParse(stats).error).toBeUndefined();
    expect(stats).toMatchObject({
      tasks: [
        { queue: "default", type: "later", planned: 1 },
        { type: "t", pending: 0, ended_last_hour: { complete: 1 } },
      ],
      workers: [{ id: worker.id, alive: true, running: 0 }],
    });
  });
});
