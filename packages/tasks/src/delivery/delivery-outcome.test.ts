import { ambiguous, delivered, misconfigured, permanent, retryable, skipped } from "@core/registry";
import { describe, expect, it } from "vitest";
import { readOutcome } from "./delivery-outcome.ts";

const why = { code: "c", message: "m", answer: { status: 500, body: "b" } };

describe("readOutcome", () => {
  it.each([
    delivered(),
    delivered({ externalIds: ["a"], answer: why.answer }),
    skipped("why"),
    retryable({ ...why, retryAfterMs: 5 }),
    permanent(why),
    ambiguous(why),
    misconfigured(why),
  ])("leaves the outcome %j as it is", (outcome) => {
    expect(readOutcome(outcome)).toEqual(outcome);
  });

  it.each([
    [undefined],
    [null],
    ["delivered"],
    [{}],
    [{ status: "sent" }],
    [{ status: "failed", failure: "odd" }],
  ])("counts %j as a lost answer", (value) => {
    expect(readOutcome(value)).toMatchObject({ failure: "ambiguous", code: "outcome_invalid" });
  });

  it("fills in what a careless dispatcher leaves out", () => {
    expect(readOutcome({ status: "delivered" })).toEqual(delivered());
    expect(readOutcome({ status: "failed", failure: "permanent" })).toMatchObject({ code: "unknown" });
    expect(readOutcome({ status: "skipped" })).toMatchObject({ reason: expect.any(String) });
  });

  it("drops what cannot be stored and keeps the rest", () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    const outcome = {
      status: "delivered",
      externalIds: ["a\u0000b", 7],
      answer: { status: "odd" },
      raw: circle,
    };
    expect(readOutcome(outcome)).toEqual(delivered({ externalIds: ["a\uFFFDb"] }));
    const { message } = readOutcome(permanent({ code: "c", message: "x".repeat(9_999) })) as typeof why;
    expect(message).toHaveLength(4_001);
  });
});
