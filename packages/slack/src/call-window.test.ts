import { createManualClock } from "@core/testing";
import { expect, test } from "vitest";
import { createCallWindow } from "./call-window.ts";

test("so many calls fit into any minute", () => {
  const clock = createManualClock();
  const window = createCallWindow({ clock, calls: 2 });
  window.spend();
  clock.advance(40_000);
  window.spend();
  expect([window.room(), window.freeInMs()]).toEqual([0, 20_000]);
  clock.advance(20_000);
  expect(window.room()).toBe(1);
  window.spend();
  expect([window.room(), window.freeInMs()]).toEqual([0, 40_000]);
});

test("while Slack asks to wait there is room for none", () => {
  const clock = createManualClock();
  const window = createCallWindow({ clock, calls: 2 });
  window.hold(5_000);
  window.hold(1_000);
  expect([window.room(), window.freeInMs()]).toEqual([0, 5_000]);
  clock.advance(5_000);
  expect(window.room()).toBe(2);
});
