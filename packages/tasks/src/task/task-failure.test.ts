import { IntegrationError } from "@core/registry";
import { describe, expect, it } from "vitest";
import { failureOf, leaseLost, NonRetryable, resultRefused, RetryAfter, timedOut } from "./task-failure.ts";

const classified = (isRetryable: boolean): IntegrationError =>
  new IntegrationError({ code: "MODEL_BUSY", message: "Busy.", retryable: isRetryable });

describe("failureOf", () => {
  it.each([
    [new Error("plain"), "any", true],
    [new Error("plain"), "classified", false],
    [classified(true), "classified", true],
    [classified(false), "classified", false],
    [classified(false), "any", true],
    [new RetryAfter(5), "classified", true],
    [new NonRetryable("no"), "any", false],
    [new NonRetryable("no"), "classified", false],
  ] as const)("of %s under the rule %s runs again: %s", (error, rule, retry) => {
    const failure = failureOf(error, rule);
    expect(failure.retry).toBe(retry);
    expect(failure.failureCode).toBe(retry ? "exhausted" : "non_retryable");
  });

  it("carries the wait that RetryAfter asks for", () => {
    expect(failureOf(new RetryAfter(1_234), "any").retryAfterMs).toBe(1_234);
    expect(failureOf(new Error("x"), "any").retryAfterMs).toBe(0);
  });

  it("takes its code from the error's code, else from its name", () => {
    expect(failureOf(classified(true), "any").code).toBe("MODEL_BUSY");
    expect(failureOf(new RangeError("far"), "any")).toMatchObject({ code: "RangeError", message: "far" });
  });

  it.each([
    ["a text"],
    [undefined],
    [null],
    [Symbol("s")],
    [Object.create(null)],
    [{ toString: 1, valueOf: 1 }],
  ])("describes whatever was thrown: %o", (thrown: unknown) => {
    expect(failureOf(thrown, "any")).toMatchObject({ code: "Error", message: expect.any(String) });
  });

  it("cuts messages that are too long", () => {
    expect(failureOf(new Error("x".repeat(10_000)), "any").message).toHaveLength(4_001);
  });
});

describe("the other failures", () => {
  it("run again only after a lost lease", () => {
    expect(leaseLost).toMatchObject({ retry: true, failureCode: "lease_lost" });
    expect(timedOut(3)).toMatchObject({
      retry: false,
      failureCode: "timed_out",
      message: expect.stringContaining("3 s"),
    });
    expect(resultRefused(new Error("too big."))).toMatchObject({
      retry: false,
      failureCode: "non_retryable",
      message: expect.stringContaining("too big."),
    });
  });
});

describe("a hostile error", () => {
  it.each(["message", "name"])("whose %s cannot be read is a failure like any other", (property) => {
    const error = Object.defineProperty(new Error("x"), property, {
      get: () => {
        throw new Error("hostile");
      },
    });
    expect(failureOf(error, "any")).toMatchObject({ retry: true, failureCode: "exhausted" });
  });
});
