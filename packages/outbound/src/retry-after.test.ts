import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRetryAfter } from "./retry-after.ts";

const nowMs = Date.parse("1994-11-06T08:49:37Z");

test.each([
  ["0", 0],
  ["120", 120_000],
  [" 7 ", 7_000],
  ["99999999999999999999", Number.MAX_SAFE_INTEGER],
  ["Sun, 06 Nov 1994 08:50:37 GMT", 60_000],
  ["Sunday, 06-Nov-94 08:50:37 GMT", 60_000],
  ["Sun Nov  6 08:50:37 1994", 60_000],
  ["Sun, 06 Nov 1994 08:00:00 GMT", 0],
])("%j means %i ms", (header, expectedMs) => {
  expect(parseRetryAfter(header, nowMs)).toBe(expectedMs);
});

test.each([
  null,
  undefined,
  "",
  "soon",
  "-1",
  "1.5",
  "1e3",
  "0x10",
  "120 s",
  "1994-11-06",
  "Sun, 06 Foo 1994 08:49:37 GMT",
  "1, 2",
])("%j says nothing", (header) => expect(parseRetryAfter(header, nowMs)).toBeNull());

test("any date that toUTCString writes is read back to the second", () => {
  const dates = fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true });
  fc.assert(
    fc.property(dates, (date) => {
      const expectedMs = Math.max(0, Math.floor(date.getTime() / 1_000) * 1_000 - nowMs);
      expect(parseRetryAfter(date.toUTCString(), nowMs)).toBe(expectedMs);
    }),
  );
});

test("any text gives null or a number that is not negative", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const delayMs = parseRetryAfter(text, nowMs);
      expect(delayMs === null || delayMs >= 0).toBe(true);
    }),
  );
});
