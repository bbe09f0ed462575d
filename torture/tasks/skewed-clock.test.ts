import { afterEach, expect, it } from "vitest";
import { shiftClock } from "./skewed-clock.ts";

const real = globalThis.Date;
afterEach(() => {
  globalThis.Date = real;
});

it("a shifted clock shows in every way of asking for the time, and shifts add up", () => {
  shiftClock(3_600_000);
  shiftClock(3_600_000);
  const before = real.now() + 7_200_000;
  const shown = [Date.now(), new Date().getTime()];
  const after = real.now() + 7_200_000;
  for (const time of shown) expect(time >= before && time <= after).toBe(true);
});

it("a shifted clock leaves given times alone", () => {
  shiftClock(3_600_000);
  expect(new Date(0).toISOString()).toBe("1970-01-01T00:00:00.000Z");
  expect(new Date()).toBeInstanceOf(Date);
});
