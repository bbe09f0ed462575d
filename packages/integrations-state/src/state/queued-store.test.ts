import { systemClock } from "@core/registry";
import type { Clock } from "@core/registry";
import { describe, expect, it } from "vitest";
import { emptyState } from "./empty-state.ts";
import type { IntegrationState } from "./integration-state.ts";
import type { StateBackend } from "./queued-store.ts";
import { createQueuedStore } from "./queued-store.ts";

/** Where a test decides when a writer gets its turn, and whether its write succeeds. */
function steeredBackend(clock: Clock = systemClock) {
  let state = emptyState(new Date(0));
  const turns: PromiseWithResolvers<void>[] = [];
  let writes = 0;
  let fault: Error | null = null;
  const backend: StateBackend = {
    read: async () => structuredClone(state),
    async write(turn) {
      const mayBegin = Promise.withResolvers<void>();
      turns.push(mayBegin);
      await mayBegin.promise;
      const next = await turn(state);
      if (next === null) return;
      if (fault !== null) throw fault;
      writes += 1;
      state = next;
    },
    close: async () => undefined,
  };
  return {
    store: createQueuedStore(backend, clock, 500),
    writes: () => writes,
    nextTurn: (): PromiseWithResolvers<void> => turns.shift() ?? expect.fail("Nobody waits for a turn."),
    failWrites: (error: Error | null) => {
      fault = error;
    },
  };
}

const enable = (state: IntegrationState): void => {
  state.git_auto_commit.enabled = true;
};

const anError = new Error("The mutator failed.");
const fail = (): never => {
  throw anError;
};

describe("the group of a write", () => {
  it("is all that waits when its turn comes", async () => {
    const { store, nextTurn, writes } = steeredBackend();
    const early = [store.update(enable), store.update(enable)];
    await Promise.resolve();
    const late = store.update(enable);
    nextTurn().resolve();
    await Promise.all([...early, late]);
    expect(writes()).toBe(1);
  });

  it("leaves what comes during the write to the next one", async () => {
    const { store, nextTurn, writes } = steeredBackend();
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const first = store.update(() => {
      begun.resolve();
      return end.promise;
    });
    nextTurn().resolve();
    await begun.promise;
    const second = [store.update(enable), store.update(enable)];
    end.resolve();
    await first;
    expect(writes()).toBe(1);
    nextTurn().resolve();
    await Promise.all(second);
    expect(writes()).toBe(2);
  });

  it("is not written when all in it have failed", async () => {
    const { store, nextTurn, writes } = steeredBackend();
    const updates = [store.update(fail), store.update(fail)];
    nextTurn().resolve();
    await Promise.allSettled(updates);
    await expect(updates[0]).rejects.toBe(anError);
    expect(writes()).toBe(0);
  });
});

describe("a write that fails", () => {
  const full = new Error("The disk is full.");

  it("is told to all whose update it held, and the next write begins anew", async () => {
    const { store, nextTurn, failWrites } = steeredBackend();
    failWrites(full);
    const updates = [store.update(enable), store.update(fail), store.update(enable)];
    nextTurn().resolve();
    const [first, second, third] = await Promise.allSettled(updates);
    expect(first).toMatchObject({ reason: full });
    expect(second).toMatchObject({ reason: anError });
    expect(third).toMatchObject({ reason: full });
    expect((await store.read()).git_auto_commit.enabled).toBe(false);

    failWrites(null);
    const next = store.update(enable);
    nextTurn().resolve();
    expect((await next).state.git_auto_commit.enabled).toBe(true);
  });

  it("without having had its turn takes only those with it that began to wait with it", async () => {
    const { store, nextTurn } = steeredBackend();
    const early = store.update(enable);
    const turn = nextTurn();
    const late = store.update(enable);
    turn.reject(full);
    await expect(early).rejects.toBe(full);
    nextTurn().resolve();
    await expect(late).resolves.toMatchObject({ state: { git_auto_commit: { enabled: true } } });
  });
});

describe("a mutator that takes too long", () => {
  /** Its timers fire when the test says so. */
  function steeredClock() {
    const timers = new Set<() => void>();
    const clock: Clock = {
      now: () => 0,
      after(delayMs, callback) {
        expect(delayMs).toBe(500);
        timers.add(callback);
        return () => void timers.delete(callback);
      },
    };
    const elapse = (): void => {
      for (const callback of timers) callback();
    };
    return { clock, elapse, timers };
  }

  it("is given up, what it does later is lost, and the others wait for the next turn", async () => {
    const { clock, elapse, timers } = steeredClock();
    const { store, nextTurn, writes } = steeredBackend(clock);
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const hanging = store.update(async (state) => {
      begun.resolve();
      await end.promise;
      enable(state);
    });
    const order: string[] = [];
    const second = store.update(() => order.push("second"));
    const third = store.update(() => order.push("third"));
    nextTurn().resolve();
    await begun.promise;
    elapse();
    await expect(hanging).rejects.toMatchObject({
      code: "STATE_MUTATOR_TIMEOUT",
      details: { timeout_ms: 500 },
    });
    expect([order, writes()]).toEqual([[], 0]);
    nextTurn().resolve();
    await Promise.all([second, third]);
    end.resolve();
    await store.close();
    expect([order, writes(), timers.size]).toEqual([["second", "third"], 1, 0]);
    expect((await third).state.git_auto_commit.enabled).toBe(false);
  });
});

describe("an update inside a mutator", () => {
  it("is refused, because it would wait for itself", async () => {
    const { store, nextTurn } = steeredBackend();
    const outer = store.update(async () => store.update(enable));
    nextTurn().resolve();
    await expect(outer).rejects.toMatchObject({ code: "STATE_UPDATE_NESTED" });
  });

  it("is taken once that mutator has ended, though it was begun there", async () => {
    const { store, nextTurn } = steeredBackend();
    const ended = Promise.withResolvers<void>();
    const { promise: later, resolve } = Promise.withResolvers<unknown>();
    const outer = store.update(() => {
      void ended.promise.then(() => resolve(store.update(enable)));
    });
    nextTurn().resolve();
    await outer;
    ended.resolve();
    await Promise.resolve();
    nextTurn().resolve();
    await expect(later).resolves.toMatchObject({ state: { git_auto_commit: { enabled: true } } });
  });
});
