import fc from "fast-check";
import { expect, test } from "vitest";
import { retryDelayMs } from "./retry-delay.ts";

test("without luck it is 100 ms · 2^attempt, up to five seconds", () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 1_000].map((attempt) => retryDelayMs({ attempt, random: 0.999_999 }));
  expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
});

test("jitter takes away at most half, and never passes the cap", () => {
  const inputs = fc.record({
    attempt: fc.nat(10_000),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    baseMs: fc.integer({ min: 1, max: 10_000 }),
    capMs: fc.integer({ min: 1, max: 1_000_000 }),
  });
  fc.assert(
    fc.property(inputs, (input) => {
      const fullMs = Math.min(input.capMs, input.baseMs * 2 ** input.attempt);
      const delayMs = retryDelayMs(input);
      expect(delayMs).toBeGreaterThanOrEqual(Math.floor(fullMs / 2));
      expect(delayMs).toBeLessThanOrEqual(fullMs);
    }),
  );
});

test("what the receiver asked for is waited for in full, also beyond the cap", () => {
  expect(retryDelayMs({ attempt: 0, random: 0.5, retryAfterMs: 30_000 })).toBe(30_000);
  expect(retryDelayMs({ attempt: 6, random: 0.999_999, retryAfterMs: 1_000 })).toBe(5_000);
});
