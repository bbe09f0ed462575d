import { describe, expect, it } from "vitest";
import { createFakeClock } from "../testing/fake-clock.ts";
import { createWakeSignal } from "./wake-signal.ts";

describe("a wake signal", () => {
  it("ends a sleep at a call and leaves no timer behind", async () => {
    const clock = createFakeClock();
    const signal = createWakeSignal(clock);
    const sleep = signal.sleep(1_000);
    expect(clock.waiting).toBe(1);
    signal.wake();
    await sleep;
    expect(clock.waiting).toBe(0);
  });

  it("ends a sleep when its time is up", async () => {
    const clock = createFakeClock();
    const sleep = createWakeSignal(clock).sleep(1_000);
    await clock.advance(1_000);
    await expect(sleep).resolves.toBeUndefined();
  });

  it("keeps a call that comes while nobody sleeps, once", async () => {
    const clock = createFakeClock();
    const signal = createWakeSignal(clock);
    signal.wake();
    signal.wake();
    await signal.sleep(1_000);
    let isAwake = false;
    const second = signal.sleep(1_000).then(() => (isAwake = true));
    await clock.advance(999);
    expect(isAwake).toBe(false);
    await clock.advance(1);
    await second;
  });
});
