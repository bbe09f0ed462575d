import { expect, test, vi } from "vitest";
import { systemClock } from "./clock.ts";

test("the machine's clock tells the time of the machine", () => {
  const before = Date.now();
  expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  expect(systemClock.now()).toBeLessThanOrEqual(Date.now());
});

test("a delay that would overflow the machine's timers waits as long as they can, instead of not at all", () => {
  const spy = vi.spyOn(globalThis, "setTimeout");
  for (const delay of [Infinity, 2 ** 40]) systemClock.after(delay, () => {})();
  expect(spy.mock.calls.map(([, delay]) => delay)).toEqual([2_147_483_647, 2_147_483_647]);
  spy.mockRestore();
});

test("a cancelled timer does not fire", () => {
  vi.useFakeTimers();
  const fired = vi.fn<() => void>();
  const cancel = systemClock.after(10, fired);
  systemClock.after(20, fired);
  cancel();
  vi.advanceTimersByTime(30);
  expect(fired).toHaveBeenCalledTimes(1);
  vi.useRealTimers();
});
