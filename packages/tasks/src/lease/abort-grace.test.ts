import { describe, expect, it } from "vitest";
import { createManualClock } from "@core/testing";
import { ABORT_GRACE_MS, endsWithin, settledBeforeAbort } from "./abort-grace.ts";

const never = new Promise<never>(() => {});

describe("settledBeforeAbort", () => {
  it("gives what the work gives", async () => {
    const { signal } = new AbortController();
    const clock = createManualClock(0);
    await expect(settledBeforeAbort(Promise.resolve(1), signal, clock)).resolves.toBe(1);
    await expect(settledBeforeAbort(Promise.reject(new Error("own")), signal, clock)).rejects.toThrow("own");
    expect(clock.pending()).toBe(0);
  });

  it("gives what the work gives within the grace after the abort", async () => {
    const controller = new AbortController();
    const clock = createManualClock(0);
    const work = Promise.withResolvers<string>();
    const settled = settledBeforeAbort(work.promise, controller.signal, clock);
    controller.abort(new Error("reason"));
    await clock.elapse(ABORT_GRACE_MS - 1);
    work.resolve("just in time");
    await expect(settled).resolves.toBe("just in time");
    await clock.elapse(0);
    expect(clock.pending()).toBe(0);
  });

  it("gives work up with the abort's reason when the grace is over", async () => {
    const controller = new AbortController();
    const clock = createManualClock(0);
    const settled = settledBeforeAbort(never, controller.signal, clock);
    const reason = settled.catch((error: unknown) => error);
    controller.abort(new Error("reason"));
    await clock.elapse(ABORT_GRACE_MS);
    await expect(reason).resolves.toMatchObject({ message: "reason" });
  });

  it("gives the grace to a signal that was aborted before", async () => {
    const clock = createManualClock(0);
    const settled = settledBeforeAbort(never, AbortSignal.abort(new Error("before")), clock, 5);
    const reason = settled.catch((error: unknown) => error);
    await clock.elapse(5);
    await expect(reason).resolves.toMatchObject({ message: "before" });
  });

  it("drops a rejection that comes after the work was given up", async () => {
    const clock = createManualClock(0);
    const work = Promise.withResolvers<never>();
    const settled = settledBeforeAbort(work.promise, AbortSignal.abort(new Error("before")), clock, 5);
    const reason = settled.catch((error: unknown) => error);
    await clock.elapse(5);
    work.reject(new Error("too late"));
    await expect(reason).resolves.toMatchObject({ message: "before" });
  });
});

describe("endsWithin", () => {
  it("is true for work that ends in time, well or badly", async () => {
    const clock = createManualClock(0);
    await expect(endsWithin(Promise.resolve(), 5, clock)).resolves.toBe(true);
    await expect(endsWithin(Promise.reject(new Error("x")), 5, clock)).resolves.toBe(true);
    expect(clock.pending()).toBe(0);
  });

  it("is false for work that does not", async () => {
    const clock = createManualClock(0);
    const ended = endsWithin(never, 5, clock);
    await clock.elapse(5);
    await expect(ended).resolves.toBe(false);
  });
});
