import { expect, test } from "vitest";
import { ambiguous, delivered, misconfigured, permanent, retryable, skipped } from "./delivery.ts";

const details = { code: "http_503", message: "The receiver is down." };

test("a delivered outcome has no external ids unless it is given some", () => {
  expect(delivered()).toStrictEqual({ status: "delivered", externalIds: [] });
  expect(delivered({ externalIds: ["m1", "m2"] })).toStrictEqual({
    status: "delivered",
    externalIds: ["m1", "m2"],
  });
});

test("an outcome keeps what the receiver answered", () => {
  const answer = { status: 503, body: "try later" };
  expect(delivered({ answer })).toStrictEqual({ status: "delivered", externalIds: [], answer });
  expect(retryable({ ...details, answer })).toMatchObject({ answer });
});

test("a skipped outcome names its reason", () => {
  expect(skipped("No text.")).toStrictEqual({ status: "skipped", reason: "No text." });
});

test("each failure has its own constructor", () => {
  const failed = { status: "failed", ...details };
  expect(retryable(details)).toStrictEqual({ ...failed, failure: "retryable" });
  expect(permanent(details)).toStrictEqual({ ...failed, failure: "permanent" });
  expect(ambiguous(details)).toStrictEqual({ ...failed, failure: "ambiguous" });
  expect(misconfigured(details)).toStrictEqual({ ...failed, failure: "misconfigured" });
});

test("details cannot change how an attempt ended", () => {
  const lying = { ...details, status: "delivered", failure: "retryable" };
  expect(permanent(lying)).toMatchObject({ status: "failed", failure: "permanent" });
});

test("only a retryable failure may say when to come back", () => {
  expect(retryable({ ...details, retryAfterMs: 30_000 })).toMatchObject({ retryAfterMs: 30_000 });
  // @ts-expect-error a permanent failure is not tried again
  permanent({ ...details, retryAfterMs: 30_000 });
});
