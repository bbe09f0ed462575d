import assert from "node:assert/strict";
import { systemClock } from "@core/registry";
import { emptyState } from "../../state/empty-state.ts";
import type { Checks } from "./scene.ts";
import { note, notesOf } from "./scene.ts";

/** What is stored, and what is read. */
export const storingChecks: Checks = {
  "an empty place is read as the empty state": async (scene) => {
    const store = await scene.open();
    const { updated_at, ...state } = await store.read();
    const { updated_at: _, ...empty } = emptyState(new Date(0));
    assert.deepEqual(state, empty);
    assert.ok(Number.isFinite(Date.parse(updated_at)));
  },
  "what is stored is read again, by this store and by any other": async (scene) => {
    const store = await scene.open();
    const message = "line\nbreak \u0000 é 😀 \ud800 </script> \u2028";
    const { state } = await store.update((draft) => {
      note(draft, message);
      const meta = { b: 1, a: [null, 1e21, { 2: true, 1: false }] };
      draft.notifications = draft.notifications.map((one) => ({ ...one, meta }));
    });
    assert.deepEqual(notesOf(state), [message]);
    assert.deepEqual(await store.read(), state);
    assert.deepEqual(await (await scene.open()).read(), state);
  },
  "fields that nobody knows stay": async (scene) => {
    const store = await scene.open();
    await store.update((draft) => void Object.assign(draft, { extra: { deep: [1] } }));
    await store.update((draft) => note(draft, "a"));
    assert.deepEqual(Reflect.get(await store.read(), "extra"), { deep: [1] });
  },
  "an update answers the state after it and what its mutator answered": async (scene) => {
    const store = await scene.open();
    await store.update((draft) => note(draft, "a"));
    const { state, result } = await store.update(async (draft) => {
      note(draft, "b");
      return "answer";
    });
    assert.equal(result, "answer");
    assert.deepEqual(notesOf(state), ["a", "b"]);
  },
  "the time of the last update is the store's own": async (scene) => {
    let now = Date.parse("2026-05-01T00:00:00Z");
    const store = await scene.open({ ...systemClock, now: () => now });
    await store.update((draft) => {
      draft.updated_at = "2001-01-01T00:00:00.000Z";
    });
    now += 60_000;
    await assert.rejects(store.update(() => assert.fail("No.")));
    assert.equal((await store.read()).updated_at, "2026-05-01T00:00:00.000Z");
    const { state } = await store.update(() => undefined);
    assert.equal(state.updated_at, "2026-05-01T00:01:00.000Z");
    assert.deepEqual(await store.read(), state);
  },
  "the newest 200 notifications are kept": async (scene) => {
    const store = await scene.open();
    await store.update((draft) => {
      for (let n = 1; n <= 199; n += 1) note(draft, `${n}`);
    });
    await Promise.all(["200", "201", "202"].map((n) => store.update((draft) => note(draft, n))));
    const kept = notesOf(await store.read());
    assert.deepEqual([kept.length, kept[0], kept.at(-1)], [200, "3", "202"]);
  },
};
