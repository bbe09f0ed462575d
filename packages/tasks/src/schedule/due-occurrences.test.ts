import { describe, expect, it } from "vitest";
import { dueOccurrences } from "./due-occurrences.ts";
import type { NextOccurrence } from "./rhythm.ts";
import { occurrencesOf } from "./rhythm.ts";
import type { MissedPolicy } from "./schedule.ts";

describe("occurrences that are at most a minute overdue", () => {
  it.each(["skip", "run_once", "run_all"] as const)("all get a task with %s", (missed) => {
    expect(due("+20s", missed, "12:01:00")).toEqual(["12:00:00", "12:00:20", "12:00:40", "12:01:00"]);
  });
});

describe("occurrences that are more overdue", () => {
  it("get none with skip; those that are in time do", () => {
    expect(due("+20s", "skip", "12:10:10")).toEqual(["12:09:20", "12:09:40", "12:10:00"]);
    expect(due("+1h", "skip", "12:10:00")).toEqual([]);
    expect(due("+1m", "skip", "12:01:01")).toEqual(["12:01:00"]);
  });

  it("get one together with all that are due with run_once, the newest", () => {
    expect(due("+20s", "run_once", "12:10:10")).toEqual(["12:10:00"]);
    expect(due("+1h", "run_once", "12:10:00")).toEqual(["12:00:00"]);
    expect(due("+1h", "run_once", "15:59:00")).toEqual(["15:00:00"]);
  });

  it("get their own with run_all", () => {
    expect(due("+3m", "run_all", "12:10:00")).toEqual(["12:00:00", "12:03:00", "12:06:00", "12:09:00"]);
  });

  it("get their own with run_all up to the cap, the newest, and those in time beside it", () => {
    expect(due("+2m", "run_all", "12:20:30", 3)).toEqual(["12:14:00", "12:16:00", "12:18:00", "12:20:00"]);
  });

  it("are found without a walk through all of them", () => {
    let asked = 0;
    const inner = everyFrom("+1s");
    const next: NextOccurrence = (after) => ((asked += 1), inner(after));
    const now = new Date("2026-05-01T12:00:00Z");
    const first = new Date("2026-01-01T00:00:00Z");
    const found = dueOccurrences(next, { next_at: first, missed: "run_all", max_missed: 100 }, now);
    expect(found).toHaveLength(161);
    expect(found.at(0)?.toISOString()).toBe("2026-05-01T11:57:20.000Z");
    expect(asked).toBeLessThan(1_000);
  });
});

function everyFrom(every: string): NextOccurrence {
  const anchor_at = new Date("2026-01-01T00:00:00Z");
  return occurrencesOf({
    every,
    cron: null,
    timezone: null,
    starts_at: anchor_at,
    ends_at: null,
    anchor_at,
  });
}

/** What is due of a schedule whose next time was noon. */
function due(every: string, missed: MissedPolicy, now: string, max_missed = 100): readonly string[] {
  const at = (time: string): Date => new Date(`2026-01-01T${time}Z`);
  const of = { next_at: at("12:00:00"), missed, max_missed };
  return dueOccurrences(everyFrom(every), of, at(now)).map((moment) => moment.toISOString().slice(11, 19));
}
