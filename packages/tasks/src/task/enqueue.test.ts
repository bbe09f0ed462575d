import { testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import { createTasksFixtures } from "../testing/tasks-fixture.ts";

const fixtures = createTasksFixtures();
afterAll(() => fixtures.close());

describe.each(testEngines)("enqueuing in the caller's transaction on %s", (engine) => {
  it("gives a task back that the same transaction has made under the same key", async () => {
    const { tasks, database, count } = await fixtures.open(engine);
    const input = { prompt: "once", idempotency_key: "k" };
    const [first, second] = await database.kysely
      .transaction()
      .execute(async (trx) => [await tasks.enqueue(input, { trx }), await tasks.enqueue(input, { trx })]);
    expect(second?.task.id).toBe(first?.task.id);
    expect([first?.created, second?.created]).toEqual([true, false]);
    expect(await count("task")).toBe(1);
  });

  it("gives a task back that was made before, and leaves the transaction usable after a conflict", async () => {
    const { tasks, database, count } = await fixtures.open(engine);
    const { task } = await tasks.enqueue({ prompt: "once", idempotency_key: "k" });
    await database.kysely.transaction().execute(async (trx) => {
      const again = await tasks.enqueue({ prompt: "once", idempotency_key: "k" }, { trx });
      expect(again).toMatchObject({ created: false, task: { id: task.id } });
      await expect(tasks.enqueue({ prompt: "other", idempotency_key: "k" }, { trx })).rejects.toMatchObject({
        code: "TASK_IDEMPOTENCY_CONFLICT",
      });
      await tasks.enqueue({ prompt: "more", lane: "l" }, { trx });
      await tasks.enqueue({ prompt: "yet more", lane: "l" }, { trx });
    });
    expect(await count("task")).toBe(3);
  });

  it("refuses the outer handle, by which the task would not belong to the transaction", async () => {
    const { tasks, database, count } = await fixtures.open(engine);
    const forgetful = database.kysely.transaction().execute(() => tasks.enqueue({ prompt: "lost" }));
    await expect(forgetful).rejects.toMatchObject({ code: "DATABASE_OUTER_HANDLE" });
    expect(await count("task")).toBe(0);
  });
});

describe("enqueuing in a lane on postgres", () => {
  it("waits for a transaction that has a task of the same lane, so that numbers and commits agree", async () => {
    const { tasks, database } = await fixtures.open("postgres");
    const gate = Promise.withResolvers<void>();
    const isIn = Promise.withResolvers<void>();
    const slow = database.kysely.transaction().execute(async (trx) => {
      await tasks.enqueue({ prompt: "first", lane: "l" }, { trx });
      isIn.resolve();
      await gate.promise;
    });
    await isIn.promise;
    let isStored = false;
    const second = tasks.enqueue({ prompt: "second", lane: "l" }).then(() => (isStored = true));
    await tasks.enqueue({ prompt: "elsewhere", lane: "other" });
    expect(isStored).toBe(false);
    gate.resolve();
    await Promise.all([slow, second]);
    const { items } = await tasks.list();
    const inLane = items.filter(({ lane }) => lane === "l").map(({ prompt }) => prompt);
    expect(inLane.toReversed()).toEqual(["first", "second"]);
  });
});

describe("a lane in a transaction of a stricter isolation on postgres", () => {
  it.each(["repeatable read", "serializable"] as const)(
    "is refused in %s, whose snapshot could hide that the lane is free",
    async (level) => {
      const { tasks, database, count } = await fixtures.open("postgres");
      const strict = database.kysely.transaction().setIsolationLevel(level);
      const laned = strict.execute((trx) => tasks.enqueue({ prompt: "x", lane: "l" }, { trx }));
      await expect(laned).rejects.toMatchObject({
        code: "25001",
        hint: expect.stringContaining("read committed"),
      });
      await strict.execute((trx) => tasks.enqueue({ prompt: "without a lane" }, { trx }));
      expect(await count("task")).toBe(1);
    },
  );
});
