import assert from "node:assert/strict";
import type { StateMutator } from "../../state/state-store.ts";
import type { Checks } from "./scene.ts";
import { count, countOf, note, notesOf, others } from "./scene.ts";

/** Many updates at the same time. */
export const orderChecks: Checks = {
  "updates run in the order of their calls, each on what the one before it left": async (scene) => {
    const store = await scene.open();
    const names = Array.from({ length: 60 }, (_, n) => `${n}`);
    const states = await Promise.all(
      names.map(async (name, n) => {
        const { state } = await store.update(async (draft) => {
          for (let turns = n % 3; turns > 0; turns -= 1) await others();
          note(draft, name);
        });
        return notesOf(state);
      }),
    );
    for (const [n, notes] of states.entries()) assert.deepEqual(notes, names.slice(0, n + 1));
    assert.deepEqual(notesOf(await store.read()), names);
  },
  "an update that was answered is seen by all that begins later": async (scene) => {
    const stores = [await scene.open(), await scene.open()] as const;
    for (let n = 1; n <= 20; n += 1) {
      await stores[n % 2 === 0 ? 0 : 1].update(count);
      assert.deepEqual(await Promise.all(stores.map(async (store) => countOf(await store.read()))), [n, n]);
    }
  },
  "2,000 updates at once are all applied, and each caller has its own result": async (scene) => {
    const store = await scene.open();
    const updates = await Promise.all(Array.from({ length: 2_000 }, () => store.update(count)));
    assert.deepEqual(
      updates.map(({ result }) => result),
      Array.from({ length: 2_000 }, (_, n) => n + 1),
    );
    for (const { state, result } of updates) assert.equal(countOf(state), result);
    assert.equal(countOf(await store.read()), 2_000);
  },
  "updates of several stores are all applied, one at a time": async (scene) => {
    const stores = await Promise.all([1, 2, 3].map(() => scene.open()));
    let running = 0;
    let overlaps = 0;
    let runs = 0;
    const mutator: StateMutator<number> = async (draft) => {
      running += 1;
      runs += 1;
      if (running > 1) overlaps += 1;
      await others();
      running -= 1;
      return count(draft);
    };
    const updates = await Promise.all(
      stores.flatMap((store) => Array.from({ length: 40 }, () => store.update(mutator))),
    );
    assert.deepEqual([runs, overlaps], [120, 0]);
    assert.deepEqual(
      updates.map(({ result }) => result).toSorted((a, b) => a - b),
      Array.from({ length: 120 }, (_, n) => n + 1),
    );
    for (const store of stores) assert.equal(countOf(await store.read()), 120);
  },
};
