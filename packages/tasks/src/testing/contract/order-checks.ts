import assert from "node:assert/strict";
import type { Checks } from "./scene.ts";
import { enqueueOne, makeDue, runAll } from "./scene.ts";

/** What runs when, and beside what. */
export const orderChecks: Checks = {
  "higher priorities run first, and within one the older": async (scene) => {
    for (const [payload, priority] of [
      ["a", 0],
      ["b", 5],
      ["c", -5],
      ["d", 5],
    ] as const)
      await enqueueOne(scene, { payload, priority });
    const order: unknown[] = [];
    await runAll(scene, async ({ payload }) => void order.push(payload), 1);
    assert.deepEqual(order, ["b", "d", "a", "c"]);
  },
  "a task that is planned for later runs when its time has come": async (scene) => {
    await enqueueOne(scene, { delay_ms: 3_600_000 });
    let runs = 0;
    const count = async (): Promise<void> => void (runs += 1);
    await runAll(scene, count);
    assert.equal(runs, 0);
    await makeDue(scene);
    await runAll(scene, count);
    assert.equal(runs, 1);
  },
  "each task is claimed by one of many workers": async (scene) => {
    await scene.tasks.enqueueMany(Array.from({ length: 200 }, (_, n) => ({ type: "t", payload: n })));
    const runs: unknown[] = [];
    await Promise.all([1, 2, 3].map(() => runAll(scene, async ({ payload }) => void runs.push(payload), 10)));
    assert.equal(runs.length, 200);
    assert.equal(new Set(runs).size, 200);
  },
  "tasks of a lane run in order, one at a time, whatever the number of workers": async (scene) => {
    const inputs = Array.from({ length: 60 }, (_, n) => ({ type: "t", lane: `l${n % 4}`, payload: n }));
    await scene.tasks.enqueueMany(inputs);
    const busy = new Set<string | null>();
    const order: number[] = [];
    const overlaps: unknown[] = [];
    await Promise.all(
      [1, 2, 3].map(() =>
        runAll(scene, async ({ lane, payload }) => {
          if (busy.has(lane)) overlaps.push(lane);
          busy.add(lane);
          order.push(Number(payload));
          await new Promise((resolve) => setImmediate(resolve));
          busy.delete(lane);
        }),
      ),
    );
    assert.deepEqual(overlaps, []);
    for (const lane of [0, 1, 2, 3]) {
      const inLane = order.filter((n) => n % 4 === lane);
      assert.deepEqual(
        inLane,
        inLane.toSorted((a, b) => a - b),
      );
    }
    assert.equal(order.length, 60);
  },
};
