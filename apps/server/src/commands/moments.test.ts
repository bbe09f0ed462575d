import { describe, expect, test } from "vitest";
import { UsageError } from "./command.ts";
import { readDuration, readMoment, shownDuration } from "./moments.ts";

const now = Date.UTC(2030, 0, 2);

describe("lengths of time", () => {
  test.each([
    ["90s", 90_000],
    ["30m", 1_800_000],
    ["12h", 43_200_000],
    ["7d", 604_800_000],
    ["4w", 2_419_200_000],
  ])("%s are %d ms", (text, ms) => {
    expect(readDuration("--older-than", text)).toBe(ms);
  });

  test.each(["", "7", "d", "-1d", "1.5h", "7 d", "7days", "1y"])("%j is refused by option", (text) => {
    expect(() => readDuration("--older-than", text)).toThrow(UsageError);
    expect(() => readDuration("--older-than", text)).toThrow(/^--older-than: .* Write it as 90s/);
  });

  test.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1_500, "1.5 s"],
    [60_000, "1 m"],
    [5_400_000, "1.5 h"],
    [864_000_000, "10 d"],
  ])("%d ms are shown as %s", (ms, text) => {
    expect(shownDuration(ms)).toBe(text);
  });
});

describe("moments", () => {
  test.each([
    ["2h", Date.UTC(2030, 0, 1, 22)],
    ["2029-12-31", Date.UTC(2029, 11, 31)],
    ["2029-12-31T08:00:00+01:00", Date.UTC(2029, 11, 31, 7)],
  ])("%s is a moment", (text, ms) => {
    expect(readMoment("--since", text, now).getTime()).toBe(ms);
  });

  test.each(["", "yesterday", "2029", "31.12.2029", "2029-13-45"])("%j is refused by option", (text) => {
    expect(() => readMoment("--since", text, now)).toThrow(/^--since: .* Write a date like/);
  });
});
