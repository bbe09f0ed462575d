import assert from "node:assert/strict";
import type { Checks } from "./scene.ts";
import { count, countOf, others } from "./scene.ts";

/** How a store ends. */
export const closingChecks: Checks = {
  "closing waits for the updates in hand": async (scene) => {
    const store = await scene.open();
    let settled = 0;
    const updates = Array.from({ length: 10 }, () =>
      store
        .update(async (draft) => {
          await others();
          return count(draft);
        })
        .finally(() => (settled += 1)),
    );
    await store.close();
    assert.equal(settled, 10);
    await Promise.all(updates);
    assert.equal(countOf(await (await scene.open()).read()), 10);
  },
  "a closed store refuses everything, and may be closed again": async (scene) => {
    const store = await scene.open();
    await store.close();
    await store.close();
    await assert.rejects(store.read(), { code: "STATE_CLOSED" });
    await assert.rejects(store.update(count), { code: "STATE_CLOSED" });
  },
  "closing one store leaves the others": async (scene) => {
    const [store, other] = [await scene.open(), await scene.open()];
    await store.close();
    await other.update(count);
    assert.equal(countOf(await other.read()), 1);
  },
};
