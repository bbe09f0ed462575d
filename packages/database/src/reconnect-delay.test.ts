import { expect, test } from "vitest";
import { reconnectDelayMs } from "./reconnect-delay.ts";

test("the delay doubles from 100 ms and stops at 15 s", () => {
  const longest = [0, 1, 2, 3, 20].map((attempt) => reconnectDelayMs(attempt, () => 1));
  expect(longest).toEqual([100, 200, 400, 800, 15_000]);
});

test("the lot decides about the upper half", () => {
  expect(reconnectDelayMs(0, () => 0)).toBe(50);
  expect(reconnectDelayMs(50, () => 0)).toBe(7_500);
});
