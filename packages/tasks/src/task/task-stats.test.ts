import { testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

describe.each(testEngines)("the figures of a queue on %s", (engine) => {
  it("tell what waits and runs by queue and type, and who works", async () => {
    const { tasks } = await fixtures.open(engine);
    expect(await tasks.stats()).toEqual({ tasks: [], live_workers: 0 });
    await tasks.enqueue({ type: "b", queue: "later", delay_ms: 60_000 });
    await tasks.enqueueMany([{ type: "t" }, { type: "t" }]);
    const during: unknown[] = [];
    const worker = tasks.createWorker({
      concurrency: 1,
      handlers: { t: async () => void during.push(await tasks.stats()) },
    });
    expect(await tasks.stats()).toMatchObject({
      tasks: [
        { queue: "default", type: "t", pending: 2, running: 0, oldest_due_ms: expect.any(Number) },
        { queue: "later", type: "b", pending: 1, running: 0, oldest_due_ms: null },
      ],
    });
    await worker.runUntilIdle();
    expect(during[0]).toMatchObject({ live_workers: 1 });
    await worker.stop();
  });
});
