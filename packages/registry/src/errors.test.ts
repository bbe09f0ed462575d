import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { IntegrationError, isIntegrationError, reasonOf } from "./errors.ts";

test("an error carries its code, its cause and its details, and is not retryable unless it says so", () => {
  const cause = new Error("why");
  const error = new IntegrationError({ code: "X", message: "What.", cause, details: { type: "hello" } });
  expect(error).toMatchObject({
    name: "IntegrationError",
    code: "X",
    message: "What.",
    retryable: false,
    details: { type: "hello" },
    cause,
  });
  expect(new IntegrationError({ code: "X", message: "What.", retryable: true }).retryable).toBe(true);
});

test("an error without a cause has no cause at all", () => {
  expect("cause" in new IntegrationError({ code: "X", message: "What." })).toBe(false);
});

test("an error of another copy of the package is recognised", () => {
  class IntegrationErrorOfAnotherCopy extends Error {
    readonly code = "X";
    readonly retryable = true;
    readonly details = {};
  }
  const other = new IntegrationErrorOfAnotherCopy("What.");
  expect(other).not.toBeInstanceOf(IntegrationError);
  expect(isIntegrationError(other)).toBe(true);
});

test("other errors and other values are not recognised", () => {
  const systemError = Object.assign(new Error("no such file"), { code: "ENOENT" });
  const lookalike = { code: "X", retryable: false, details: {}, message: "What." };
  for (const value of [systemError, lookalike, new Error("plain"), "X", null, undefined]) {
    expect(isIntegrationError(value)).toBe(false);
  }
});

test("whatever was thrown has a reason that can be read", () => {
  const unprintable: unknown = runInNewContext("Object.create(null)");
  expect(reasonOf(new TypeError("broken"))).toBe("broken");
  expect(reasonOf("as a text")).toBe("as a text");
  for (const value of [unprintable, Symbol("s"), undefined, 7]) {
    expect(reasonOf(value)).toBe("a value that is not an Error was thrown");
  }
});
