import { expect, test } from "vitest";
import { createManualClock } from "./manual-clock.ts";

test("time passes only when it is told to", () => {
  const clock = createManualClock(1_000);
  expect(clock.now()).toBe(1_000);
  clock.advance(5);
  expect(clock.now()).toBe(1_005);
});

test("what falls due is called in its order, at its time, and also what that sets", () => {
  const clock = createManualClock(0);
  const calls: string[] = [];
  const note = (name: string): void => void calls.push(`${name} at ${clock.now()}`);
  clock.after(30, () => note("late"));
  clock.after(10, () => {
    note("early");
    clock.after(5, () => note("between"));
  });
  clock.after(31, () => note("never"));
  clock.advance(30);
  expect(calls).toEqual(["early at 10", "between at 15", "late at 30"]);
  expect(clock.pending()).toBe(1);
});

test("what was cancelled is not called", () => {
  const clock = createManualClock();
  const cancel = clock.after(1, () => expect.unreachable());
  cancel();
  clock.advance(10);
  expect(clock.pending()).toBe(0);
});

test("promises settle before what falls due and behind it", async () => {
  const clock = createManualClock(0);
  const calls: string[] = [];
  void Promise.resolve().then(() =>
    clock.after(5, () => void Promise.resolve().then(() => calls.push("then"))),
  );
  await clock.elapse(4);
  expect(clock.waits()).toEqual([1]);
  await clock.elapse(1);
  expect(calls).toEqual(["then"]);
  expect(clock.now()).toBe(5);
});
