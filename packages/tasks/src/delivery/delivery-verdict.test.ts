import type { DeliveryOutcome } from "@core/registry";
import { ambiguous, delivered, misconfigured, permanent, retryable, skipped } from "@core/registry";
import { describe, expect, it } from "vitest";
import { HELD_LINE_MS, RECONCILE_AFTER_MS, verdictOf, withoutDetails } from "./delivery-verdict.ts";

const why = { code: "c", message: "m", answer: { status: 500, body: "b" } };
const early = { attempt: 1, maxAttempts: 12, policy: "task_result", hasProgressed: false } as const;
const last = { ...early, attempt: 12 };
const longest = (): number => 1;

const table: readonly [DeliveryOutcome, typeof early | typeof last, boolean, object][] = [
  [
    delivered({ externalIds: ["m1"] }),
    early,
    false,
    { state: "delivered", externalIds: ["m1"], failure: null },
  ],
  [delivered(), last, true, { state: "delivered", uncertain: false }],
  [
    skipped("nothing to say"),
    early,
    false,
    { state: "skipped", skipReason: "nothing to say", failure: null },
  ],
  [skipped("nothing to say"), last, true, { state: "skipped" }],
  [permanent(why), early, false, { state: "dead" }],
  [permanent(why), early, true, { state: "dead" }],
  [permanent(why), last, false, { state: "dead" }],
  [misconfigured(why), early, false, { state: "parked", parkReason: "misconfigured" }],
  [misconfigured(why), last, true, { state: "parked", parkReason: "misconfigured" }],
  [retryable(why), early, false, { state: "pending", delayMs: 1_000, uncertain: false }],
  [retryable({ ...why, retryAfterMs: 7_000 }), early, true, { state: "pending", delayMs: 7_000 }],
  [retryable(why), last, false, { state: "dead" }],
  [retryable(why), last, true, { state: "dead" }],
  [ambiguous(why), early, true, { state: "pending", delayMs: RECONCILE_AFTER_MS, uncertain: true }],
  [ambiguous(why), early, false, { state: "held", delayMs: HELD_LINE_MS, uncertain: true }],
  [ambiguous(why), last, true, { state: "held", delayMs: HELD_LINE_MS, uncertain: true }],
  [ambiguous(why), last, false, { state: "held", uncertain: true }],
];

describe("verdictOf", () => {
  it.each(table)("%j at %j, reconciling %s, is %j", (outcome, facts, canReconcile, expected) => {
    const verdict = verdictOf(outcome, { ...facts, canReconcile }, longest);
    expect(verdict).toMatchObject(expected);
    expect(verdict.parkReason === null).toBe(verdict.state !== "parked");
    if (outcome.status === "failed") {
      expect(verdict.failure).toEqual({ code: "c", message: "m" });
      expect(verdict.answer).toEqual(why.answer);
    }
  });

  it("gives an attempt that sent a part another one behind it", () => {
    const facts = { ...last, hasProgressed: true, canReconcile: false };
    expect(verdictOf(retryable(why), facts, longest)).toMatchObject({ state: "pending" });
    expect(verdictOf(permanent(why), facts, longest)).toMatchObject({ state: "dead" });
  });

  it("keeps its decision when its details are left out", () => {
    const verdict = verdictOf(ambiguous(why), { ...early, canReconcile: false }, longest);
    expect(withoutDetails(verdict)).toEqual({
      ...verdict,
      answer: null,
      failure: { code: "details_refused", message: expect.any(String) },
    });
  });
});
