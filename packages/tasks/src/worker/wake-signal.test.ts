import { describe, expect, it } from "vitest";
import { createManualClock } from "@core/testing";
import { createWakeSignal } from "./wake-signal.ts";

describe("a wake signal", () => {
  it("ends a sleep at a call and leaves no timer behind", async () => {
    const clock = createManualClock(0);
    const signal = createWakeSignal(clock);
    const sleep = signal.sleep(1_000);
    expect(clock.pending()).toBe(1);
    signal.wake();
    await sleep;
    expect(clock.pending()).toBe(0);
  });

  it("ends a sleep when its time is up", async () => {
    const clock = createManualClock(0);
    const sleep = createWakeSignal(clock).sleep(1_000);
    await clock.elapse(1_000);
    await expect(sleep).resolves.toBeUndefined();
  });

  it("keeps a call that comes while nobody sleeps, once", async () => {
    const clock = createManualClock(0);
    const signal = createWakeSignal(clock);
    signal.wake();
    signal.wake();
    await signal.sleep(1_000);
    let isAwake = false;
    const second = signal.sleep(1_000).then(() => (isAwake = true));
    await clock.elapse(999);
    expect(isAwake).toBe(false);
    await clock.elapse(1);
    await second;
  });
});
