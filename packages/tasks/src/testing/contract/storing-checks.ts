import assert from "node:assert/strict";
import type { Checks } from "./scene.ts";
import { enqueueOne, runAll } from "./scene.ts";

/** What is stored, and what is not. */
export const storingChecks: Checks = {
  "a task is read as it was given back when it was stored": async ({ tasks }) => {
    const { task } = await tasks.enqueue({
      type: "t",
      payload: { a: [1, "é", null] },
      title: "x",
      priority: 3,
    });
    const { deliveries, progress, log, ...read } =
      (await tasks.get(task.id)) ?? assert.fail("The task is gone.");
    assert.deepEqual(read, task);
    assert.deepEqual({ deliveries, progress, log }, { deliveries: [], progress: null, log: [] });
  },
  "many tasks are stored together, in order": async ({ tasks }) => {
    const receipts = await tasks.enqueueMany(
      Array.from({ length: 1_200 }, (_, n) => ({ type: "t", payload: n })),
    );
    assert.deepEqual(
      receipts.map(({ task }) => task.payload),
      Array.from({ length: 1_200 }, (_, n) => n),
    );
  },
  "many that are enqueued one by one at the same time each get their own task": async ({ tasks }) => {
    const receipts = await Promise.all(
      Array.from({ length: 100 }, (_, n) => tasks.enqueue({ type: "t", payload: n })),
    );
    assert.deepEqual(
      receipts.map(({ task }) => task.payload),
      Array.from({ length: 100 }, (_, n) => n),
    );
    assert.equal(new Set(receipts.map(({ task }) => task.id)).size, 100);
  },
  "a rolled back transaction leaves no task": async (scene) => {
    const { tasks, database } = scene;
    const rolledBack = database.kysely.transaction().execute(async (trx) => {
      await tasks.enqueue({ type: "t", lane: "l" }, { trx });
      throw new Error("rolled back");
    });
    await assert.rejects(rolledBack, /rolled back/);
    assert.deepEqual((await tasks.list()).items, []);
    await enqueueOne(scene, { lane: "l" });
    await runAll(scene, async () => "done");
    assert.deepEqual(
      (await tasks.list()).items.map(({ state }) => state),
      ["complete"],
    );
  },
  "the same idempotency key gives the same task back, and other fields are a conflict": async (scene) => {
    const first = await enqueueOne(scene, { idempotency_key: "k", payload: 1 });
    const again = await scene.tasks.enqueue({ type: "t", idempotency_key: "k", payload: 1 });
    assert.deepEqual([again.task.id, again.created], [first, false]);
    const other = scene.tasks.enqueue({ type: "t", idempotency_key: "k", payload: 2 });
    await assert.rejects(other, { code: "TASK_IDEMPOTENCY_CONFLICT" });
  },
  "a dedupe key is taken as long as its task lives": async (scene) => {
    const dedupe = { key: "k" };
    const first = await enqueueOne(scene, { dedupe });
    assert.equal(await enqueueOne(scene, { dedupe }), first);
    await runAll(scene, async () => "done");
    assert.notEqual(await enqueueOne(scene, { dedupe }), first);
  },
};
