import assert from "node:assert/strict";
import type { IntegrationState } from "../../state/integration-state.ts";
import type { Checks } from "./scene.ts";
import { note, notesOf, others } from "./scene.ts";

/** What one caller cannot do to another. */
export const isolationChecks: Checks = {
  "a caller owns what it reads": async (scene) => {
    const store = await scene.open();
    await store.update((draft) => note(draft, "a"));
    note(await store.read(), "b");
    assert.deepEqual(notesOf(await store.read()), ["a"]);
  },
  "a caller owns the state and the result of its update": async (scene) => {
    const store = await scene.open();
    let kept: IntegrationState | undefined;
    const { state, result } = await store.update((draft) => {
      note(draft, "a");
      kept = draft;
      return draft.notifications;
    });
    note(state, "b");
    result.length = 0;
    if (kept) note(kept, "c");
    assert.deepEqual(notesOf(await store.read()), ["a"]);
    await store.update((draft) => note(draft, "d"));
    assert.deepEqual(notesOf(await store.read()), ["a", "d"]);
    assert.deepEqual(notesOf(state), ["a", "b"]);
  },
  "what a mutator throws goes to its own caller, and what it changed is undone": async (scene) => {
    const store = await scene.open();
    const thrown = { not: "an error" };
    const updates = await Promise.allSettled([
      store.update((draft) => note(draft, "a")),
      store.update((draft) => {
        note(draft, "b");
        draft.webhooks = [];
        throw thrown;
      }),
      store.update((draft) => note(draft, "c")),
    ]);
    assert.deepEqual(
      updates.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.equal(reasonOf(updates[1]), thrown);
    assert.deepEqual(notesOf(await store.read()), ["a", "c"]);
  },
  "a mutator that rejects later is undone as well": async (scene) => {
    const store = await scene.open();
    const failing = store.update(async (draft) => {
      note(draft, "a");
      await others();
      note(draft, "b");
      throw new Error("Too late.");
    });
    const next = store.update(async (draft) => {
      await others();
      note(draft, "c");
    });
    await assert.rejects(failing, /Too late\./);
    assert.deepEqual(notesOf((await next).state), ["c"]);
    assert.deepEqual(notesOf(await store.read()), ["c"]);
  },
  "a mutator that leaves no state is refused, and only it": async (scene) => {
    const store = await scene.open();
    const [bad, good] = await Promise.allSettled([
      store.update((draft) => void Reflect.set(draft, "webhooks", "none")),
      store.update((draft) => note(draft, "a")),
    ]);
    assert.equal(Reflect.get(Object(reasonOf(bad)), "code"), "INTEGRATIONS_INPUT_INVALID");
    assert.equal(good.status, "fulfilled");
    assert.deepEqual(notesOf(await store.read()), ["a"]);
  },
  "a read while an update runs sees all of it or nothing": async (scene) => {
    const store = await scene.open();
    const other = await scene.open();
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const update = store.update(async (draft) => {
      note(draft, "a");
      begun.resolve();
      await end.promise;
      note(draft, "b");
    });
    await begun.promise;
    const reads = [store.read(), other.read()];
    await others();
    end.resolve();
    for (const state of await Promise.all(reads)) assert.ok([0, 2].includes(notesOf(state).length));
    await update;
    assert.deepEqual(notesOf(await other.read()), ["a", "b"]);
  },
};

function reasonOf(result: PromiseSettledResult<unknown>): unknown {
  return result.status === "rejected" ? result.reason : undefined;
}
