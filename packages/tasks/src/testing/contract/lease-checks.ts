import assert from "node:assert/strict";
import type { Task } from "../../task/task.ts";
import type { Worker } from "../../worker/worker.ts";
import type { Checks, Scene } from "./scene.ts";
import { silence } from "../silence.ts";
import { enqueueOne, runAll } from "./scene.ts";

/** What holds when workers die, come back and stop. */
export const leaseChecks: Checks = {
  "what a dead worker held runs elsewhere, and its late result is refused": async (scene) => {
    const id = await enqueueOne(scene);
    const { worker, release } = await beginTask(scene);
    await silence(scene, worker.id);
    await runAll(scene, async () => "second");
    release("late");
    await worker.stop();
    const { state, result, attempt } = await read(scene, id);
    assert.deepEqual([state, result, attempt], ["complete", "second", 2]);
    assert.equal(worker.stats().leasesLost, 1);
  },
  "what a live worker holds is left alone": async (scene) => {
    const id = await enqueueOne(scene);
    const { worker, release } = await beginTask(scene);
    await runAll(scene, () => assert.fail("It has run twice."));
    release("first");
    await worker.stop();
    assert.equal((await read(scene, id)).result, "first");
  },
  "a restart under the same id takes over at once": async (scene) => {
    const id = await enqueueOne(scene);
    const { worker, release } = await beginTask(scene, "w");
    const next = scene.tasks.createWorker({ workerId: "w", handlers: { t: async () => "second life" } });
    await next.runUntilIdle();
    await next.stop();
    release("late");
    await worker.stop();
    assert.equal((await read(scene, id)).result, "second life");
  },
  "a clean stop hands tasks back without costing an attempt": async (scene) => {
    const id = await enqueueOne(scene);
    const { worker } = await beginTask(scene);
    await worker.stop({ graceMs: 0 });
    const { state, attempt } = await read(scene, id);
    assert.deepEqual([state, attempt], ["pending", 0]);
  },
};

/** A worker in the middle of its task, which ends when told or when its signal is aborted. */
async function beginTask(
  { tasks }: Scene,
  workerId?: string,
): Promise<{ readonly worker: Worker; release(result: string): void }> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const worker = tasks.createWorker({
    ...(workerId !== undefined && { workerId }),
    handlers: {
      t: (_task, { signal }) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
        return promise;
      },
    },
  });
  assert.equal(await worker.tick(), 1);
  return { worker, release: resolve };
}

async function read({ tasks }: Scene, id: string): Promise<Task> {
  return (await tasks.get(id)) ?? assert.fail("The task is gone.");
}
