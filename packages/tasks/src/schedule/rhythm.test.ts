import { describe, expect, it } from "vitest";
import type { Rhythm } from "./rhythm.ts";
import { intervalMs, occurrencesOf } from "./rhythm.ts";

describe("the clocks go forward over a time of day", () => {
  it("so a fixed time that does not exist comes right after the gap", () => {
    expect(after("2026-03-28T00:00Z", 3, berlin("30 2 * * *"))).toEqual([
      "2026-03-28T01:30Z",
      "2026-03-29T01:00Z",
      "2026-03-30T00:30Z",
    ]);
    expect(after("2026-03-07T08:00Z", 2, newYork("30 2 * * *"))).toEqual([
      "2026-03-08T07:00Z",
      "2026-03-09T06:30Z",
    ]);
  });

  it("so several fixed times that do not exist come as one", () => {
    const times = ["2026-03-29T01:00Z", "2026-03-30T00:00Z", "2026-03-30T00:30Z"];
    expect(after("2026-03-28T02:00Z", 3, berlin("0,30 2 * * *"))).toEqual(times);
  });

  it("so a wildcard or a step leaves out what does not exist and keeps its pace", () => {
    expect(after("2026-03-29T00:30Z", 4, berlin("*/20 * * * *"))).toEqual([
      "2026-03-29T00:40Z",
      "2026-03-29T01:00Z",
      "2026-03-29T01:20Z",
      "2026-03-29T01:40Z",
    ]);
    const times = ["2026-03-30T00:00Z", "2026-03-30T00:30Z"];
    expect(after("2026-03-28T02:00Z", 2, berlin("*/30 2 * * *"))).toEqual(times);
  });
});

describe("the clocks go back over a time of day", () => {
  it("so a fixed time that exists twice comes the first time only", () => {
    expect(after("2026-10-24T01:00Z", 2, berlin("30 2 * * *"))).toEqual([
      "2026-10-25T00:30Z",
      "2026-10-26T01:30Z",
    ]);
    expect(after("2026-10-31T06:00Z", 2, newYork("30 1 * * *"))).toEqual([
      "2026-11-01T05:30Z",
      "2026-11-02T06:30Z",
    ]);
    const times = ["2026-10-25T00:00Z", "2026-10-25T02:00Z", "2026-10-26T01:00Z"];
    expect(after("2026-10-24T12:00Z", 3, berlin("0 2-3 * * *"))).toEqual(times);
  });

  it("so a wildcard or a step comes both times and keeps its pace", () => {
    expect(after("2026-10-24T23:50Z", 5, berlin("*/30 * * * *"))).toEqual([
      "2026-10-25T00:00Z",
      "2026-10-25T00:30Z",
      "2026-10-25T01:00Z",
      "2026-10-25T01:30Z",
      "2026-10-25T02:00Z",
    ]);
  });

  it("so six fields know the second of both", () => {
    expect(after("2026-10-25T00:29:30Z", 3, berlin("15 30 * * * *"))).toEqual([
      "2026-10-25T00:30:15Z",
      "2026-10-25T01:30:15Z",
      "2026-10-25T02:30:15Z",
    ]);
  });
});

describe("an interval", () => {
  it("counts from its anchor, whenever it is asked", () => {
    const every = rhythm({ every: "+7m", anchor_at: new Date("2026-01-01T00:00:13Z") });
    expect(after("2026-01-01T00:00:13Z", 2, every)).toEqual(["2026-01-01T00:07:13Z", "2026-01-01T00:14:13Z"]);
    expect(after("2026-01-01T00:20:59Z", 1, every)).toEqual(["2026-01-01T00:21:13Z"]);
  });

  it("has its start as its first occurrence when it has one, and nothing after its end", () => {
    const starts_at = new Date("2026-01-05T09:00Z");
    const ends_at = new Date("2026-01-07T09:00Z");
    const daily = rhythm({ every: "+1d", starts_at, ends_at, anchor_at: starts_at });
    expect(after("2026-01-01T00:00Z", 9, daily)).toEqual([
      "2026-01-05T09:00Z",
      "2026-01-06T09:00Z",
      "2026-01-07T09:00Z",
    ]);
  });

  it("of days is as many times 24 hours, whatever the clocks do", () => {
    const daily = rhythm({ every: "+1d", anchor_at: new Date("2026-03-28T01:30Z") });
    expect(after("2026-03-28T12:00Z", 1, daily)).toEqual(["2026-03-29T01:30Z"]);
  });

  it("is a plus, a number and a unit", () => {
    expect(["+1s", "+30m", "+2h", "+1d", "+1w"].map(intervalMs)).toEqual([
      1_000, 1_800_000, 7_200_000, 86_400_000, 604_800_000,
    ]);
    expect(["30m", "+m", "+1.5h", "+1M", "-1m", "", "+1h30m"].map(intervalMs)).toEqual(
      Array.from({ length: 7 }, () => null),
    );
  });
});

describe("a cron expression", () => {
  it("has nothing before its start, which it may hit, and nothing after its end", () => {
    const starts_at = new Date("2026-05-01T09:00Z");
    const ends_at = new Date("2026-05-02T09:00Z");
    const daily = rhythm({ cron: "0 9 * * *", timezone: "UTC", starts_at, ends_at });
    expect(after("2026-01-01T00:00Z", 9, daily)).toEqual(["2026-05-01T09:00Z", "2026-05-02T09:00Z"]);
  });

  it("comes after a moment and not at it", () => {
    expect(after("2026-05-01T09:00Z", 1, rhythm({ cron: "0 9 * * *" }))).toEqual(["2026-05-02T09:00Z"]);
  });
});

const nothing = { every: null, cron: null, timezone: null, starts_at: null, ends_at: null };

function rhythm(given: Partial<Rhythm>): Rhythm {
  return { ...nothing, anchor_at: new Date("2026-01-01T00:00Z"), ...given };
}

function berlin(cron: string): Rhythm {
  return rhythm({ cron, timezone: "Europe/Berlin" });
}

function newYork(cron: string): Rhythm {
  return rhythm({ cron, timezone: "America/New_York" });
}

function after(from: string, count: number, of: Rhythm): readonly string[] {
  const next = occurrencesOf(of);
  const times: string[] = [];
  for (let at = next(new Date(from)); at !== null && times.length < count; at = next(at)) {
    times.push(at.toISOString().replace(/(:00)?\.000Z$/, "Z"));
  }
  return times;
}
