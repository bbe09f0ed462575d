import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate } from "node:timers/promises";
import { createManualClock } from "@core/testing";
import { describe, expect, it } from "vitest";
import type { Batcher, BatcherOptions } from "./batcher.ts";
import { createBatcher } from "./batcher.ts";

interface Rig {
  readonly batcher: Batcher<number, string>;
  /** What was flushed, in order. */
  readonly batches: (readonly number[])[];
  /** Lets flushes wait until it is called; each call lets one go. */
  next(): Promise<void>;
}

/** Flushes wait for `next` where `gated`. */
function setUp({
  gated = false,
  ...options
}: Partial<BatcherOptions<number, string>> & { readonly gated?: boolean } = {}): Rig {
  const batches: (readonly number[])[] = [];
  const gates: (() => void)[] = [];
  const batcher = createBatcher<number, string>({
    maxItems: 100,
    maxInFlight: 1,
    patienceMs: 50,
    clock: createManualClock(0),
    isItemFault: () => false,
    ...options,
    flush: async (items) => {
      batches.push(items);
      if (gated) await new Promise<void>((resolve) => gates.push(resolve));
      return options.flush ? options.flush(items) : items.map((item) => `answer ${item}`);
    },
  });
  const next = async (): Promise<void> => {
    gates.shift()?.();
    await setImmediate();
    await setImmediate();
  };
  return { batcher, batches, next };
}

describe("a batcher", () => {
  it("sends together what comes in one turn, and gives each its own answer", async () => {
    const { batcher, batches } = setUp();
    const answers = await Promise.all([3, 1, 2].map((item) => batcher.add(item)));
    expect(batches).toEqual([[3, 1, 2]]);
    expect(answers).toEqual(["answer 3", "answer 1", "answer 2"]);
  });

  it("also gathers what comes in promises of the same turn", async () => {
    const { batcher, batches } = setUp();
    const first = batcher.add(1);
    await Promise.resolve();
    await Promise.all([first, batcher.add(2)]);
    expect(batches).toEqual([[1, 2]]);
  });

  it("lets one that comes alone wait for nobody", async () => {
    const { batcher, batches } = setUp();
    await batcher.add(1);
    await batcher.add(2);
    expect(batches).toEqual([[1], [2]]);
  });

  it("gathers what comes while one is in flight, and sends it when that one is back", async () => {
    const { batcher, batches, next } = setUp({ gated: true });
    const answers = [batcher.add(1)];
    await next();
    for (const item of [2, 3]) {
      answers.push(batcher.add(item));
      await setImmediate();
    }
    expect(batches).toEqual([[1]]);
    await next();
    expect(batches).toEqual([[1], [2, 3]]);
    await next();
    expect(await Promise.all(answers)).toEqual(["answer 1", "answer 2", "answer 3"]);
  });

  it("has as many in flight as it may, and not more", async () => {
    const { batcher, batches, next } = setUp({ gated: true, maxInFlight: 2 });
    const answers: Promise<string>[] = [];
    for (const item of [1, 2, 3, 4]) {
      answers.push(batcher.add(item));
      await setImmediate();
    }
    expect(batches).toEqual([[1], [2]]);
    await next();
    expect(batches).toEqual([[1], [2], [3, 4]]);
    await next();
    await next();
    await expect(Promise.all(answers)).resolves.toHaveLength(4);
  });

  it("lets a few that are slow keep nobody waiting, but not ever more", async () => {
    const clock = createManualClock(0);
    const { batcher, batches, next } = setUp({ gated: true, clock });
    const answers: Promise<string>[] = [];
    for (const item of [1, 2, 3, 4, 5, 6, 7]) {
      answers.push(batcher.add(item));
      await setImmediate();
      clock.advance(50);
      await setImmediate();
    }
    expect(batches).toEqual([[1], [2], [3], [4], [5]]);
    for (let n = 0; n < 6; n += 1) await next();
    expect(batches).toEqual([[1], [2], [3], [4], [5], [6, 7]]);
    expect(await Promise.all(answers)).toHaveLength(7);
    expect(clock.pending()).toBe(0);
  });

  it("sends at most maxItems at once, the rest right after, in order", async () => {
    const { batcher, batches } = setUp({ maxItems: 2 });
    const answers = await Promise.all([1, 2, 3, 4, 5].map((item) => batcher.add(item)));
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
    expect(answers).toEqual([1, 2, 3, 4, 5].map((item) => `answer ${item}`));
  });
});

describe("a batch that fails", () => {
  const oddFails = async (items: readonly number[]): Promise<readonly string[]> => {
    const odd = items.find((item) => item % 2 === 1);
    if (odd !== undefined) throw new Error(`${odd} is odd`);
    return items.map((item) => `answer ${item}`);
  };

  it("for one of its items is sent one by one, so that each gets its own error or answer", async () => {
    const { batcher, batches } = setUp({ flush: oddFails, isItemFault: () => true });
    const outcomes = await Promise.allSettled([2, 1, 4, 3].map((item) => batcher.add(item)));
    expect(batches).toEqual([[2, 1, 4, 3], [2], [1], [4], [3]]);
    expect(outcomes.map((one) => (one.status === "fulfilled" ? one.value : String(one.reason)))).toEqual([
      "answer 2",
      "Error: 1 is odd",
      "answer 4",
      "Error: 3 is odd",
    ]);
  });

  it("for another reason fails all of it, and is not sent again", async () => {
    const { batcher, batches } = setUp({ flush: oddFails });
    const outcomes = await Promise.allSettled([2, 1, 4].map((item) => batcher.add(item)));
    expect(batches).toEqual([[2, 1, 4]]);
    expect(outcomes.map((one) => one.status === "rejected" && String(one.reason))).toEqual(
      Array(3).fill("Error: 1 is odd"),
    );
  });

  it("does not keep the next one from being sent", async () => {
    const { batcher } = setUp({ flush: oddFails });
    await expect(batcher.add(1)).rejects.toThrow("1 is odd");
    await expect(batcher.add(2)).resolves.toBe("answer 2");
  });

  it("by a throw before any promise fails like the others", async () => {
    const batcher = createBatcher<number, string>({
      maxItems: 10,
      maxInFlight: 1,
      patienceMs: 50,
      clock: createManualClock(0),
      isItemFault: () => false,
      flush: () => {
        throw new Error("at once");
      },
    });
    await expect(batcher.add(1)).rejects.toThrow("at once");
  });
});

describe("the context of a batch", () => {
  it("is that of its maker, not that of whoever came first, while callers keep their own", async () => {
    const caller = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { batcher, next } = setUp({
      gated: true,
      flush: async (items) => {
        seen.push(caller.getStore());
        return items.map(String);
      },
    });
    const run = (name: string, item: number): Promise<string> =>
      caller.run(name, async () => `${await batcher.add(item)} for ${caller.getStore()}`);
    const first = [run("a", 1), run("b", 2)];
    await setImmediate();
    const later = run("c", 3);
    await next();
    await next();
    expect(await Promise.all([...first, later])).toEqual(["1 for a", "2 for b", "3 for c"]);
    expect(seen).toEqual([undefined, undefined]);
  });
});
