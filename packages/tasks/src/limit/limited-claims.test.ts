import { testEngines } from "@core/database/testing";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { registerWorker } from "../lease/worker-row.ts";
import type { TaskInput } from "../task/task.ts";
import { claimTasks } from "../testing/leases.ts";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

const advert = { taskTypes: ["a"], dispatchTypes: [], deadAfterMs: 60_000 };

describe.each(testEngines)("a limit on %s", (engine) => {
  it("counts what ran before it was set, and holds what waits", async () => {
    const { tasks, store } = await fixtures.open(engine);
    const worker = await registerWorker(store, "w", advert);
    const claim = { worker, queues: ["default"], types: ["a"] };
    await tasks.enqueueMany(Array.from({ length: 10 }, () => ({ type: "a" })));
    expect(await claimTasks(store, { ...claim, limit: 3 })).toHaveLength(3);
    await tasks.limits.set({ type: "a", concurrency: 5 });
    expect(await claimTasks(store, { ...claim, limit: 10 })).toHaveLength(2);
    expect(await claimTasks(store, { ...claim, limit: 10 })).toHaveLength(0);
    await tasks.limits.set({ type: "a", concurrency: 6 });
    expect(await claimTasks(store, { ...claim, limit: 10 })).toHaveLength(1);
    await tasks.limits.remove({ type: "a" });
    expect(await claimTasks(store, { ...claim, limit: 10 })).toHaveLength(4);
  });

  it("catches a task whose maker had not seen it", async () => {
    const { tasks, store } = await fixtures.open(engine);
    const worker = await registerWorker(store, "w", advert);
    const claim = { worker, queues: ["default"], types: ["a", "b"], limit: 10 };
    await tasks.limits.set({ type: "a", concurrency: 1 });
    await tasks.limits.set({ queue: "slow", concurrency: 1 });
    await tasks.enqueueMany([{ type: "a" }, { type: "b" }, { type: "a" }]);
    await sql`update ${store.table("task")} set turn = 'now'`.execute(store.db);
    const types = (await claimTasks(store, claim)).map(({ task }) => task.type);
    expect(types).toEqual(["a", "b"]);
    expect(await claimTasks(store, claim)).toEqual([]);
  });

  it("lets the more urgent and the older start first, with a limit or without", async () => {
    const { tasks, store } = await fixtures.open(engine);
    const worker = await registerWorker(store, "w", advert);
    const claim = { worker, queues: ["default"], types: ["a", "b"] };
    await tasks.limits.set({ type: "a", concurrency: 4 });
    const order = ["b", "a", "a", "b", "b", "a", "b", "b"];
    for (const [payload, type] of order.entries()) await tasks.enqueue({ type, payload });
    await tasks.enqueue({ type: "a", payload: "urgent", priority: 5 });
    const claimed = [];
    while (claimed.length < 9) {
      for (const { task } of await claimTasks(store, { ...claim, limit: 2 })) claimed.push(task.payload);
    }
    expect(claimed).toEqual(["urgent", 0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("passes over those that are full, however many wait there", async () => {
    const { tasks, store } = await fixtures.open(engine);
    const worker = await registerWorker(store, "w", advert);
    const claim = { worker, queues: ["default"], types: ["a"] };
    await tasks.limits.set({ key: "full", concurrency: 1 });
    await tasks.limits.set({ key: "next", concurrency: 2 });
    const inKey = (limit_key: string | undefined, count: number): TaskInput[] =>
      Array.from({ length: count }, () => ({ type: "a", ...(limit_key !== undefined && { limit_key }) }));
    await tasks.limits.set({ type: "a", concurrency: 1_000 });
    await tasks.enqueueMany([
      ...inKey("full", 400),
      ...inKey("next", 400),
      ...inKey(undefined, 3),
      ...inKey("last", 2),
    ]);
    const keys = async (limit: number): Promise<(string | null)[]> =>
      (await claimTasks(store, { ...claim, limit })).map(({ task }) => task.limit_key);
    expect(await keys(2)).toEqual(["full", "next"]);
    expect(await keys(3)).toEqual(["next", null, null]);
    expect(await keys(10)).toEqual([null, "last", "last"]);
    expect(await keys(10)).toEqual([]);
  });
});
