import { describe, expect, it } from "vitest";
import { logNote, progressNote } from "./note.ts";

describe("what a run says", () => {
  it.each([
    [0.25, 0.25],
    [-1, 0],
    [7, 1],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, 1],
    [null, null],
    ["half", null],
  ])("the fraction %j becomes %j", (given, kept) => {
    expect(progressNote(given, undefined)).toEqual({ fraction: kept, message: null });
  });

  it("is cut at a thousand characters, and can be stored whatever it holds", () => {
    expect(logNote("x".repeat(2_000), undefined)).toEqual({ message: `${"x".repeat(999)}…` });
    expect(progressNote(0, "a\u0000b\ud800")).toEqual({ fraction: 0, message: "a\ufffdb\ufffd" });
    expect(logNote("a", { k: "\u0000" })).toEqual({ message: "a", fields: { k: "\ufffd" } });
  });

  it("keeps fields that fit beside the message", () => {
    expect(logNote("a", { rows: 7 })).toEqual({ message: "a", fields: { rows: 7 } });
    expect(logNote("a", { long: "x".repeat(1_000) })).toEqual({ message: "a" });
  });

  it("never throws", () => {
    const circle: Record<string, unknown> = {};
    circle["circle"] = circle;
    const rude = {
      toString() {
        throw new Error("no");
      },
    };
    expect(logNote("a", circle)).toEqual({ message: "a" });
    expect(logNote("a", { big: 7n })).toEqual({ message: "a" });
    expect(logNote("a", [1])).toEqual({ message: "a" });
    expect(logNote(rude, null)).toEqual({ message: "?" });
    expect(logNote(7, undefined)).toEqual({ message: "7" });
    expect(logNote("a", { toJSON: () => undefined })).toEqual({ message: "a" });
  });
});
