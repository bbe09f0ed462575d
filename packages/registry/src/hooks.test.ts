/* oxlint-disable unicorn/no-thenable -- listeners may answer with hostile thenables */
import { describe, expect, test, vi } from "vitest";
import { createFakeClock, settled } from "../test/fake-clock.ts";
import { contextOf, untyped } from "../test/fixtures.ts";
import type { HookData } from "./hook-events.ts";
import type { HookReport, HooksOptions } from "./hooks.ts";
import { createHooks } from "./hooks.ts";

const never = (): Promise<never> => new Promise(() => {});
const assembly: HookData<"before_context_assembly"> = {
  user_message: "Hi",
  system_preamble: "",
  execution: {},
};
const execution: HookData<"before_tool_execution"> = { tool_name: "delete", tool_args: {}, iteration: 1 };

function response(length: number): HookData<"after_response"> {
  return { response_length: length, tool_calls_made: 0, error: false };
}

/** Hooks on a fake clock, with all that they report. */
function setup(options: HooksOptions = {}) {
  const clock = createFakeClock();
  const reports: HookReport[] = [];
  const hooks = createHooks({ clock, onReport: (report) => reports.push(report), ...options });
  return {
    clock,
    reports,
    hooks,
    codes: () => reports.map(({ error }) => error.code),
    emit: (id: string | null, length: number) =>
      hooks.emit("after_response", contextOf(id), response(length)),
  };
}

/** A listener whose calls end when they are told to. */
function held() {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  return {
    begun,
    end: (length: number) => ends.get(length)?.(),
    listener: ({ data }: { readonly data: HookData<"after_response"> }) => {
      begun.push(data.response_length);
      return new Promise<void>((resolve) => ends.set(data.response_length, resolve));
    },
  };
}

const ask = (hooks: ReturnType<typeof createHooks>) =>
  hooks.gate("before_tool_execution", contextOf(), execution);

describe("observers", () => {
  test("a listener receives the event, its context and its data", async () => {
    const { hooks, emit } = setup();
    const seen: unknown[] = [];
    hooks.on("after_response", ({ event, context, data }) => seen.push({ event, context, data }));
    emit("c1", 7);
    await hooks.flush();
    expect(seen).toEqual([{ event: "after_response", context: contextOf("c1"), data: response(7) }]);
  });

  test("an event reaches its own listeners and no others", async () => {
    const { hooks, emit } = setup();
    const other = vi.fn<() => void>();
    hooks.on("after_llm_call", other);
    emit("c1", 1);
    await hooks.flush();
    expect(other).not.toHaveBeenCalled();
  });

  test("listeners run by priority, equal ones in order of registration", async () => {
    const { hooks, emit } = setup();
    const seen: string[] = [];
    hooks.on("after_response", () => seen.push("first"));
    hooks.on("after_response", () => seen.push("late"), { priority: -1 });
    hooks.on("after_response", () => seen.push("second"));
    hooks.on("after_response", () => seen.push("early"), { priority: 10 });
    emit("c1", 1);
    await hooks.flush();
    expect(seen).toEqual(["early", "first", "second", "late"]);
  });

  test("emitting never runs a listener inside the caller", async () => {
    const { hooks, emit } = setup();
    const listener = vi.fn<() => void>();
    hooks.on("after_response", listener);
    emit("c1", 1);
    expect(listener).not.toHaveBeenCalled();
    await hooks.flush();
    expect(listener).toHaveBeenCalledOnce();
  });

  test("a failing listener is reported with its owner and event, and the others still run", async () => {
    const { hooks, emit, reports } = setup();
    const seen: number[] = [];
    hooks.on("after_response", () => Promise.reject(new Error("async down")), { owner: "one" });
    hooks.on(
      "after_response",
      () => {
        throw new Error("sync down");
      },
      { owner: "two" },
    );
    hooks.on("after_response", ({ data }) => seen.push(data.response_length), { owner: "three" });
    emit("c1", 1);
    emit("c1", 2);
    await hooks.flush();
    expect(seen).toEqual([1, 2]);
    expect(reports).toHaveLength(4);
    for (const [owner, text] of [
      ["one", "async down"],
      ["two", "sync down"],
    ] as const) {
      expect(reports).toContainEqual({
        event: "after_response",
        owner,
        error: expect.objectContaining({
          code: "HOOK_LISTENER_FAILED",
          message: `The after_response hook of "${owner}" failed: ${text}`,
          details: { event: "after_response", owner },
          cause: expect.any(Error),
        }),
      });
    }
  });

  test.each([
    [
      "a value without a prototype",
      () => {
        throw Object.create(null);
      },
    ],
    ["nothing", () => Promise.reject(undefined)],
    [
      "from within `then`",
      () => ({
        then: () => {
          throw new Error("no");
        },
      }),
    ],
    [
      "from a getter named `then`",
      () => ({
        get then() {
          throw new Error("no");
        },
      }),
    ],
  ])("a listener that throws %s is reported like any other", async (_what, listener) => {
    const { hooks, emit, codes } = setup();
    hooks.on("after_response", listener);
    emit("c1", 1);
    emit("c1", 2);
    await hooks.flush();
    expect(codes()).toEqual(["HOOK_LISTENER_FAILED", "HOOK_LISTENER_FAILED"]);
  });

  test("emitting throws neither without listeners nor when the reporter throws", async () => {
    const hooks = createHooks({
      queueLimit: 1,
      onReport: () => {
        throw new Error("the reporter is down");
      },
    });
    hooks.emit("after_response", contextOf(), response(1));
    const seen: number[] = [];
    hooks.on("after_response", ({ data }) => {
      seen.push(data.response_length);
      throw new Error("no");
    });
    hooks.emit("after_response", contextOf("c1"), response(1));
    hooks.emit("after_response", contextOf("c1"), response(2));
    await hooks.flush();
    hooks.emit("after_response", contextOf("c1"), response(3));
    await hooks.flush();
    expect(seen).toEqual([1, 3]);
  });
});

describe("the time of a listener", () => {
  test("a listener that answers at once gets no timer", async () => {
    const { hooks, emit, clock } = setup();
    const waiting: number[] = [];
    hooks.on("after_response", () => waiting.push(clock.timers()));
    hooks.on("before_tool_execution", () => void waiting.push(clock.timers()));
    emit("c1", 1);
    await hooks.flush();
    await hooks.gate("before_tool_execution", contextOf(), execution);
    expect(waiting).toEqual([0, 0]);
    expect(clock.timers()).toBe(0);
  });

  test("a late observer is given up after 30 s: its signal is aborted, the report says so, and the next event comes", async () => {
    const { hooks, emit, clock, reports } = setup();
    const signals: AbortSignal[] = [];
    hooks.on(
      "after_response",
      ({ signal }) => {
        signals.push(signal);
        return never();
      },
      { owner: "slow" },
    );
    emit("c1", 1);
    emit("c1", 2);
    await settled();
    clock.advance(29_999);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    clock.advance(1);
    await settled();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(signals[0]?.reason).toBe(reports[0]?.error);
    expect(reports).toEqual([
      {
        event: "after_response",
        owner: "slow",
        error: expect.objectContaining({
          code: "HOOK_TIMEOUT",
          details: { event: "after_response", owner: "slow", timeoutMs: 30_000 },
        }),
      },
    ]);
  });

  test("a listener may have a time of its own", async () => {
    const { hooks, emit, clock, codes } = setup();
    hooks.on("after_response", never, { timeoutMs: 50 });
    emit("c1", 1);
    await settled();
    clock.advance(50);
    await hooks.flush();
    expect(codes()).toEqual(["HOOK_TIMEOUT"]);
  });

  test("a signal that is read after the time is up is already aborted", async () => {
    const { hooks, emit, clock } = setup();
    const { promise, resolve } = Promise.withResolvers<void>();
    let aborted: boolean | undefined;
    hooks.on("after_response", async (call) => {
      await promise;
      aborted = call.signal.aborted;
    });
    emit("c1", 1);
    await settled();
    clock.advance(30_000);
    resolve();
    await settled();
    expect(aborted).toBe(true);
  });

  test("what a given-up listener does later is neither reported again nor raised", async () => {
    const { hooks, emit, clock, codes } = setup();
    hooks.on("after_response", ({ signal }) => {
      const { promise, reject } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => reject(new Error("stopped")));
      return promise;
    });
    emit("c1", 1);
    await settled();
    clock.advance(30_000);
    await settled();
    expect(codes()).toEqual(["HOOK_TIMEOUT"]);
  });

  test("a listener that ends in time leaves no timer behind", async () => {
    const { hooks, emit, clock } = setup();
    hooks.on("after_response", () => settled());
    emit("c1", 1);
    await hooks.flush();
    expect(clock.timers()).toBe(0);
  });
});

describe("order", () => {
  test("events of one correlation id reach a slow listener one after the other", async () => {
    const { hooks, emit } = setup();
    const { begun, end, listener } = held();
    hooks.on("after_response", listener);
    for (const length of [1, 2, 3]) emit("c1", length);
    await settled();
    expect(begun).toEqual([1]);
    end(1);
    await settled();
    expect(begun).toEqual([1, 2]);
    end(2);
    await settled();
    expect(begun).toEqual([1, 2, 3]);
  });

  test("events of different correlation ids, and those without one, run side by side", async () => {
    const { hooks, emit } = setup();
    const { begun, listener } = held();
    hooks.on("after_response", listener);
    emit("c1", 1);
    emit("c2", 2);
    emit(null, 3);
    emit(null, 4);
    emit("c1", 5);
    await settled();
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  test("a slow listener does not hold up another one", async () => {
    const { hooks, emit } = setup();
    const seen: number[] = [];
    hooks.on("after_response", never, { priority: 1 });
    hooks.on("after_response", ({ data }) => seen.push(data.response_length));
    emit("c1", 1);
    emit("c1", 2);
    await settled();
    expect(seen).toEqual([1, 2]);
  });

  test("events that a listener emits come after those that wait already", async () => {
    const { hooks, emit } = setup();
    const seen: number[] = [];
    hooks.on("after_response", ({ data }) => {
      seen.push(data.response_length);
      if (data.response_length === 1) emit("c1", 3);
    });
    emit("c1", 1);
    emit("c1", 2);
    await hooks.flush();
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe("a flood", () => {
  test("beyond the limit new events are dropped, which is reported once", async () => {
    const { hooks, emit, reports } = setup({ queueLimit: 3 });
    const seen: number[] = [];
    hooks.on("after_response", ({ data }) => seen.push(data.response_length), { owner: "flooded" });
    for (let n = 1; n <= 10; n += 1) emit(`c${n % 2}`, n);
    await hooks.flush();
    expect(seen.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(reports).toEqual([
      {
        event: "after_response",
        owner: "flooded",
        error: expect.objectContaining({
          code: "HOOK_QUEUE_FULL",
          details: { event: "after_response", owner: "flooded", queueLimit: 3 },
        }),
      },
    ]);
  });

  test("after it has caught up a listener receives events again, and a second flood is reported again", async () => {
    const { hooks, emit, codes } = setup({ queueLimit: 1 });
    const seen: number[] = [];
    hooks.on("after_response", ({ data }) => seen.push(data.response_length));
    for (const n of [1, 2, 3]) emit("c1", n);
    await hooks.flush();
    for (const n of [4, 5]) emit("c1", n);
    await hooks.flush();
    expect(seen).toEqual([1, 4]);
    expect(codes()).toEqual(["HOOK_QUEUE_FULL", "HOOK_QUEUE_FULL"]);
  });

  test("the flood of one listener takes nothing from another", async () => {
    const { hooks, emit } = setup({ queueLimit: 2 });
    const seen: number[] = [];
    hooks.on("after_response", never);
    hooks.on("after_response", ({ data }) => seen.push(data.response_length));
    for (const n of [1, 2, 3]) {
      emit("c1", n);
      await settled();
    }
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe("unsubscribing", () => {
  test("an unsubscribed listener receives nothing more, not even what already waits", async () => {
    const { hooks, emit } = setup();
    const listener = vi.fn<() => void>();
    const off = hooks.on("after_response", listener);
    emit("c1", 1);
    off();
    emit("c1", 2);
    off();
    await hooks.flush();
    expect(listener).not.toHaveBeenCalled();
  });

  test("a listener may unsubscribe itself and others during an event", async () => {
    const { hooks, emit } = setup();
    const seen: string[] = [];
    const offs = ["a", "b", "c"].map((name) =>
      hooks.on("after_response", () => {
        seen.push(name);
        if (name === "a") for (const off of offs.slice(0, 2)) off();
      }),
    );
    emit("c1", 1);
    emit("c1", 2);
    await hooks.flush();
    expect(seen).toEqual(["a", "c", "c"]);
  });

  test("a waterfall and a gate leave out a listener that is gone when its turn comes", async () => {
    const { hooks } = setup();
    const gone = vi.fn<() => void>();
    hooks.on("before_context_assembly", () => offFirst());
    hooks.on("before_tool_execution", () => offSecond());
    const offFirst = hooks.on("before_context_assembly", gone);
    const offSecond = hooks.on("before_tool_execution", gone);
    await hooks.waterfall("before_context_assembly", contextOf(), assembly);
    expect(await hooks.gate("before_tool_execution", contextOf(), execution)).toEqual({ allowed: true });
    expect(gone).not.toHaveBeenCalled();
  });

  test("flushing waits for the call of a former listener that still runs", async () => {
    const { hooks, emit } = setup();
    const { promise, resolve } = Promise.withResolvers<void>();
    const off = hooks.on("after_response", () => promise);
    emit("c1", 1);
    emit("c1", 2);
    await settled();
    off();
    const flushed = vi.fn<() => void>();
    const flushing = hooks.flush().then(flushed);
    await settled();
    expect(flushed).not.toHaveBeenCalled();
    resolve();
    await flushing;
  });

  test("a listener that subscribes during an event receives the next one", async () => {
    const { hooks, emit } = setup();
    const seen: number[] = [];
    const off = hooks.on("after_response", () => {
      off();
      hooks.on("after_response", ({ data }) => seen.push(data.response_length));
    });
    emit("c1", 1);
    await hooks.flush();
    emit("c1", 2);
    await hooks.flush();
    expect(seen).toEqual([2]);
  });
});

describe("flushing", () => {
  test("without events it resolves at once", async () => {
    const { hooks } = setup();
    hooks.on("after_response", never);
    await expect(hooks.flush()).resolves.toBeUndefined();
  });

  test("it waits for every event emitted before it, and for none emitted after it", async () => {
    const { hooks, emit } = setup();
    const ends: (() => void)[] = [];
    hooks.on("after_response", () => new Promise<void>((resolve) => ends.push(resolve)));
    emit("c1", 1);
    emit("c1", 2);
    const flushed = vi.fn<() => void>();
    const flushing = hooks.flush().then(flushed);
    emit("c1", 3);
    await settled();
    ends[0]?.();
    await settled();
    expect(flushed).not.toHaveBeenCalled();
    ends[1]?.();
    await flushing;
    await settled();
    expect(ends).toHaveLength(3);
  });
});

describe("a waterfall", () => {
  test("each listener sees the change of the one before, in order of priority", async () => {
    const { hooks } = setup();
    hooks.on("before_context_assembly", async ({ data }) => ({
      ...data,
      system_preamble: `${data.system_preamble}b`,
    }));
    hooks.on("before_context_assembly", ({ data }) => ({ ...data, system_preamble: "a" }), { priority: 1 });
    hooks.on("before_context_assembly", () => {});
    expect(await hooks.waterfall("before_context_assembly", contextOf(), assembly)).toEqual({
      ...assembly,
      system_preamble: "ab",
    });
  });

  test("without listeners the data comes back as it is", async () => {
    expect(await setup().hooks.waterfall("before_context_assembly", contextOf(), assembly)).toBe(assembly);
  });

  test("a listener that fails or is late is reported and left out", async () => {
    const { hooks, clock, codes } = setup();
    hooks.on("before_context_assembly", () => {
      throw new Error("no");
    });
    hooks.on("before_context_assembly", never);
    hooks.on("before_context_assembly", ({ data }) => ({ ...data, system_preamble: "kept" }));
    const passing = hooks.waterfall("before_context_assembly", contextOf(), assembly);
    await settled();
    clock.advance(15_000);
    expect((await passing).system_preamble).toBe("kept");
    expect(codes()).toEqual(["HOOK_LISTENER_FAILED", "HOOK_TIMEOUT"]);
  });

  test.each([[null], ["text"], [7], [[]], [false]])(
    "the answer %j is reported and left out",
    async (answer) => {
      const { hooks, reports } = setup();
      hooks.on("before_context_assembly", () => untyped(answer), { owner: "odd" });
      expect(await hooks.waterfall("before_context_assembly", contextOf(), assembly)).toBe(assembly);
      expect(reports).toEqual([
        {
          event: "before_context_assembly",
          owner: "odd",
          error: expect.objectContaining({
            code: "HOOK_LISTENER_FAILED",
            message: expect.stringContaining("odd"),
          }),
        },
      ]);
    },
  );
});

describe("a gate", () => {
  test("it lets pass when nobody refuses", async () => {
    const { hooks } = setup();
    expect(await ask(hooks)).toEqual({ allowed: true });
    hooks.on("before_tool_execution", () => {});
    hooks.on("before_tool_execution", async () => ({ allow: true }));
    expect(await ask(hooks)).toEqual({ allowed: true });
  });

  test("the first refusal ends it and names who refused and why", async () => {
    const { hooks } = setup();
    const later = vi.fn<() => void>();
    hooks.on("before_tool_execution", later);
    hooks.on("before_tool_execution", () => ({ allow: false, reason: "Not at night." }), {
      owner: "guard",
      priority: 1,
    });
    expect(await ask(hooks)).toEqual({ allowed: false, reason: "Not at night.", by: "guard" });
    expect(later).not.toHaveBeenCalled();
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("down");
      },
    ],
    ["rejects", () => Promise.reject(new Error("down"))],
  ])("a listener that %s refuses and is reported", async (_what, listener) => {
    const { hooks, codes } = setup();
    hooks.on("before_tool_execution", listener, { owner: "guard" });
    expect(await ask(hooks)).toEqual({
      allowed: false,
      reason: 'The before_tool_execution hook of "guard" failed: down',
      by: "guard",
    });
    expect(codes()).toEqual(["HOOK_LISTENER_FAILED"]);
  });

  test("a late listener refuses after 15 s and its signal is aborted", async () => {
    const { hooks, clock, codes } = setup();
    let signal: AbortSignal | undefined;
    hooks.on("before_tool_execution", (call) => {
      ({ signal } = call);
      return never();
    });
    const asking = ask(hooks);
    await settled();
    clock.advance(15_000);
    expect(await asking).toMatchObject({ allowed: false, by: "anonymous" });
    expect(signal?.aborted).toBe(true);
    expect(codes()).toEqual(["HOOK_TIMEOUT"]);
  });

  test.each([
    [null],
    [true],
    ["yes"],
    [{}],
    [[]],
    [{ allow: "true" }],
    [{ allow: 1 }],
    [{ allowed: true }],
    [{ allow: false }],
  ])("the verdict %j refuses", async (verdict) => {
    const { hooks } = setup();
    hooks.on("before_tool_execution", () => untyped(verdict), { owner: "guard" });
    expect(await ask(hooks)).toEqual({ allowed: false, reason: expect.any(String), by: "guard" });
  });
});
