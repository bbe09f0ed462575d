import { createManualClock } from "@core/testing";
import { describe, expect, it } from "vitest";
import { createAlarm } from "./alarm.ts";

describe("an alarm", () => {
  it("rings once, at the earliest time it was set to", () => {
    const clock = createManualClock(0);
    const rings: number[] = [];
    const alarm = createAlarm(clock, () => rings.push(clock.now()));
    alarm.setIn(50);
    alarm.setIn(20);
    alarm.setIn(30);
    clock.advance(100);
    expect(rings).toEqual([20]);
    alarm.setIn(5);
    clock.advance(100);
    expect(rings).toHaveLength(2);
  });

  it("is silent once it is cancelled", () => {
    const clock = createManualClock(0);
    const alarm = createAlarm(clock, () => expect.unreachable());
    alarm.setIn(5);
    alarm.cancel();
    expect(clock.pending()).toBe(0);
  });
});
