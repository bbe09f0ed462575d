import { describe, expect, it, vi } from "vitest";
import { createManualClock } from "@core/testing";
import { never } from "../test/fixtures.ts";
import { withinDeadline } from "./deadline.ts";

const late = (): Error => new Error("late");

describe("withinDeadline", () => {
  it("gives what the work gives, also when the work is no promise, and leaves no timer behind", async () => {
    const clock = createManualClock(0);
    const options = { clock, limitMs: 10, late };
    await expect(withinDeadline(() => 1, options)).resolves.toBe(1);
    await expect(withinDeadline(async () => 2, options)).resolves.toBe(2);
    await expect(withinDeadline(() => Promise.reject(new Error("own")), options)).rejects.toThrow("own");
    await expect(withinDeadline(throwing, options)).rejects.toThrow("own");
    expect(clock.pending()).toBe(0);
  });

  it("aborts the signal at the limit, not before, and gives the work up though it goes on", async () => {
    const clock = createManualClock(0);
    const signals: AbortSignal[] = [];
    const given = withinDeadline((signal) => (signals.push(signal), never), { clock, limitMs: 10, late });
    const outcome = given.catch((error: unknown) => error);
    await clock.elapse(9);
    expect(signals[0]?.aborted).toBe(false);
    await clock.elapse(1);
    expect(signals[0]?.reason).toMatchObject({ message: "late" });
    await expect(outcome).resolves.toMatchObject({ message: "late" });
  });

  it("is late with its own error even when the work heeds its signal at once", async () => {
    const clock = createManualClock(0);
    const work = (signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("ended by the signal")));
      });
    const outcome = withinDeadline(work, { clock, limitMs: 10, late }).catch((error: unknown) => error);
    await clock.elapse(10);
    await expect(outcome).resolves.toMatchObject({ message: "late" });
  });

  it("hands over what comes after the work was given up, and drops a failure", async () => {
    const clock = createManualClock(0);
    const [good, bad] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const onLate = vi.fn<(result: string) => void>();
    const outcomes = [good, bad].map(({ promise }) =>
      withinDeadline(() => promise, { clock, limitMs: 10, late, onLate }).catch(() => "given up"),
    );
    await clock.elapse(10);
    await expect(Promise.all(outcomes)).resolves.toEqual(["given up", "given up"]);
    good.resolve("after all");
    bad.reject(new Error("too late"));
    await clock.elapse(0);
    expect(onLate.mock.calls).toEqual([["after all"]]);
  });

  it("hands nothing over that came in time", async () => {
    const onLate = vi.fn<(result: number) => void>();
    await withinDeadline(() => 1, { clock: createManualClock(0), limitMs: 10, late, onLate });
    expect(onLate).not.toHaveBeenCalled();
  });
});

describe("work that is wanted no more", () => {
  const reason = new Error("unwanted");

  it("has its signal aborted at once, and may still end within the grace", async () => {
    const clock = createManualClock(0);
    const unwanted = new AbortController();
    const work = Promise.withResolvers<string>();
    const signals: AbortSignal[] = [];
    const run = (signal: AbortSignal): Promise<string> => (signals.push(signal), work.promise);
    const given = withinDeadline(run, { clock, limitMs: 100, late, unwanted: unwanted.signal, graceMs: 5 });
    await clock.elapse(1);
    unwanted.abort(reason);
    expect(signals[0]?.reason).toBe(reason);
    await clock.elapse(4);
    work.resolve("just in time");
    await expect(given).resolves.toBe("just in time");
    expect(clock.pending()).toBe(0);
  });

  it("is given up with the reason when the grace is over", async () => {
    const clock = createManualClock(0);
    const unwanted = new AbortController();
    const options = { clock, limitMs: 100, late, unwanted: unwanted.signal, graceMs: 5 };
    const outcome = withinDeadline(() => never, options).catch((error: unknown) => error);
    await clock.elapse(1);
    unwanted.abort(reason);
    await clock.elapse(5);
    await expect(outcome).resolves.toBe(reason);
    expect(clock.pending()).toBe(0);
  });

  it("does not begin", async () => {
    const work = vi.fn<() => void>();
    const options = { clock: createManualClock(0), limitMs: 10, late, unwanted: AbortSignal.abort(reason) };
    await expect(withinDeadline(work, options)).rejects.toBe(reason);
    expect(work).not.toHaveBeenCalled();
  });
});

function throwing(): never {
  throw new Error("own");
}
