import { setImmediate } from "node:timers/promises";
import { createManualClock } from "@core/testing";
import { describe, expect, test } from "vitest";
import { createAttemptPlaces } from "./attempt-places.ts";

function open(total: number, perOrigin = total) {
  const clock = createManualClock();
  const places = createAttemptPlaces({ total, perOrigin, slowAfterMs: 1_000, clock });
  const inside: string[] = [];
  return {
    clock,
    /** Who has a place, in the order of entering. */
    inside,
    /** Enters when there is a place; resolves with how to leave. */
    async enter(name: string, { origin = name, signal = new AbortController().signal } = {}) {
      const leave = await places.take(origin, signal);
      inside.push(name);
      return () => {
        leave();
        inside.splice(inside.indexOf(name), 1);
      };
    },
  };
}

describe("places", () => {
  test("are so many, and who waits gets the next one in the order of coming", async () => {
    const { enter, inside } = open(2);
    const [a, , ...rest] = ["a", "b", "c", "d", "e"].map((name) => enter(name));
    await setImmediate();
    expect(inside).toEqual(["a", "b"]);
    (await a)?.();
    await setImmediate();
    expect(inside).toEqual(["b", "c"]);
    (await rest[0])?.();
    await setImmediate();
    expect(inside).toEqual(["b", "d"]);
  });

  test("are left once, however often they are left", async () => {
    const { enter, inside } = open(1);
    const leave = await enter("a");
    const others = ["b", "c"].map((name) => enter(name));
    leave();
    leave();
    await others[0];
    await setImmediate();
    expect(inside).not.toContain("c");
  });

  test("of one origin are fewer, so that others find one", async () => {
    const { enter, inside } = open(4, 1);
    const first = enter("a1", { origin: "a" });
    void enter("a2", { origin: "a" });
    await enter("b");
    expect(inside).toEqual(["a1", "b"]);
    (await first)();
    await setImmediate();
    expect(inside).toEqual(["b", "a2"]);
  });

  test("are given up by those who last long, though not those of their origin", async () => {
    const { enter, inside, clock } = open(1, 1);
    await enter("slow", { origin: "s" });
    void enter("slow again", { origin: "s" });
    void enter("b");
    await clock.elapse(999);
    expect(inside).toEqual(["slow"]);
    await clock.elapse(1);
    expect(inside).toEqual(["slow", "b"]);
  });

  test("that were given up are not given back a second time", async () => {
    const { enter, inside, clock } = open(1);
    const leave = await enter("slow");
    void enter("b");
    await clock.elapse(1_000);
    leave();
    void enter("c");
    await setImmediate();
    expect(inside).toEqual(["b"]);
  });

  test("are not waited for longer than the signal allows", async () => {
    const { enter, inside } = open(1, 1);
    const controller = new AbortController();
    const leave = await enter("a");
    const waiting = ["b", "a"].map((origin) => enter("x", { origin, signal: controller.signal }));
    const reason = new Error("Enough.");
    controller.abort(reason);
    expect(await Promise.allSettled(waiting)).toEqual([
      { status: "rejected", reason },
      { status: "rejected", reason },
    ]);
    leave();
    await enter("a again", { origin: "a" });
    expect(inside).toEqual(["a again"]);
    await expect(enter("late", { signal: controller.signal })).rejects.toBe(reason);
  });

  test("are still waited for by those with another signal", async () => {
    const { enter, inside } = open(1);
    const controller = new AbortController();
    const leave = await enter("a");
    const impatient = enter("b", { signal: controller.signal });
    const patient = enter("c");
    controller.abort(new Error("Enough."));
    await expect(impatient).rejects.toThrow("Enough.");
    leave();
    await patient;
    expect(inside).toEqual(["c"]);
  });

  test("leave no timer behind", async () => {
    const { enter, clock } = open(2);
    const leave = await enter("a");
    expect(clock.pending()).toBe(1);
    leave();
    expect(clock.pending()).toBe(0);
  });
});
