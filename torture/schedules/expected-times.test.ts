import { describe, expect, it } from "vitest";
import { expectedTimes } from "./expected-times.ts";
import { occurrencesByForce } from "./occurrences.ts";

describe("occurrences by force", () => {
  it.each([
    ["30 2 * * *", "2026-03-28T12:00Z", ["03-29T01:00"]],
    ["0,30 2 * * *", "2026-10-24T12:00Z", ["10-25T00:00", "10-25T00:30"]],
    ["*/30 2 * * *", "2026-03-28T12:00Z", []],
    ["*/30 2 * * *", "2026-10-24T12:00Z", ["10-25T00:00", "10-25T00:30", "10-25T01:00", "10-25T01:30"]],
  ])("know what becomes of %s when the clocks change after %s", (cron, created, times) => {
    const begin = Date.parse(created);
    const found = occurrencesByForce({ cron, timezone: "Europe/Berlin" }, begin, begin + 86_400_000);
    expect(found.map(short)).toEqual(times);
  });
});

describe("expected times", () => {
  const looks = ["00:01", "00:10", "00:11"].map((time) => Date.parse(`2026-01-01T${time}:00Z`));
  const times = (missed: "skip" | "run_once" | "run_all", max_missed = 100): readonly string[] => {
    const schedule = { name: "s", every: "+1m", missed, max_missed };
    return expectedTimes(schedule, Date.parse("2026-01-01T00:00Z"), looks).map((at) => short(at).slice(6));
  };

  it("go by the policy for what was missed between two looks", () => {
    expect(times("skip")).toEqual(["00:01", "00:09", "00:10", "00:11"]);
    expect(times("run_once")).toEqual(["00:01", "00:10", "00:11"]);
    expect(times("run_all", 2)).toEqual(["00:01", "00:07", "00:08", "00:09", "00:10", "00:11"]);
  });
});

function short(at: number): string {
  return new Date(at).toISOString().slice(5, 16);
}
