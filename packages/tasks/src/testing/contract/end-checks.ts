import assert from "node:assert/strict";
import { NonRetryable, RetryAfter, Snooze } from "../../task/task-failure.ts";
import type { Checks, Scene } from "./scene.ts";
import { enqueueOne, makeDue, runAll } from "./scene.ts";

/** How tasks end. */
export const endChecks: Checks = {
  "a result is kept": async (scene) => {
    const id = await enqueueOne(scene);
    await runAll(scene, async () => ({ sum: 3 }));
    assert.deepEqual(await endOf(scene, id), {
      state: "complete",
      result: { sum: 3 },
      errors: [],
      attempt: 1,
    });
  },
  "a failed run is tried again later, until the attempts are used up": async (scene) => {
    const id = await enqueueOne(scene, { max_attempts: 2 });
    const fail = (): Promise<never> => Promise.reject(new RetryAfter(60_000, "Not yet."));
    await runAll(scene, fail);
    assert.deepEqual((await endOf(scene, id)).state, "pending");
    await makeDue(scene);
    await runAll(scene, fail);
    assert.deepEqual(await endOf(scene, id), {
      state: "failed",
      result: null,
      errors: ["Not yet.", "Not yet."],
      attempt: 2,
    });
  },
  "what is not to be retried ends at once": async (scene) => {
    const id = await enqueueOne(scene);
    await runAll(scene, () => Promise.reject(new NonRetryable("Never.")));
    assert.deepEqual((await endOf(scene, id)).state, "failed");
  },
  "a snoozed run does not count": async (scene) => {
    const id = await enqueueOne(scene);
    await runAll(scene, () => Promise.reject(new Snooze(60_000)));
    const { state, attempt } = await endOf(scene, id);
    assert.deepEqual([state, attempt], ["pending", 0]);
  },
  "a cancelled task never runs": async (scene) => {
    const id = await enqueueOne(scene);
    assert.equal(await scene.tasks.cancel(id), "cancelled");
    await runAll(scene, () => assert.fail("It has run."));
    assert.equal((await endOf(scene, id)).state, "cancelled");
  },
};

async function endOf(
  { tasks }: Scene,
  id: string,
): Promise<{ state: string; result: unknown; errors: readonly string[]; attempt: number }> {
  const task = (await tasks.get(id)) ?? assert.fail("The task is gone.");
  const { state, result, errors, attempt } = task;
  return { state, result, errors: errors.map(({ message }) => message), attempt };
}
