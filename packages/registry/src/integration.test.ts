import { expect, test } from "vitest";
import { untyped } from "../test/fixtures.ts";
import { API_VERSION } from "./api-version.ts";
import { IntegrationError } from "./errors.ts";
import { defineIntegration, ownerOf } from "./integration.ts";
import { silentLogger } from "./logger.ts";
import { textResult } from "./task-result.ts";

test("an integration is the value that was stated", () => {
  const spec = { type: "hello", apiVersion: API_VERSION, description: "Says hello." } as const;
  expect(defineIntegration(spec)).toBe(spec);
});

test("an integration for another version of the contract is refused with what to do", () => {
  expect(() => defineIntegration({ type: "hello", apiVersion: untyped(2) })).toThrow(
    new IntegrationError({
      code: "INTEGRATION_API_VERSION",
      message:
        'Integration "hello" is written for version 2 of the contract, and this @core/registry speaks version 1. Install a version of the integration for 1.',
      details: { type: "hello", apiVersion: 2, supported: 1 },
    }),
  );
});

test("an integration without a version is refused too", () => {
  expect(() => defineIntegration(untyped({ type: "hello" }))).toThrow(/version undefined of the contract/);
});

test.each(["", "Hello", "two words", "1st", "hello.js", undefined, 7])("the type %j is refused", (type) => {
  expect(() => defineIntegration({ type: untyped(type), apiVersion: 1 })).toThrow(
    expect.objectContaining({ code: "INTEGRATION_INVALID", message: expect.stringContaining(`"${type}"`) }),
  );
});

test("an empty prefix of client ids is refused, because every client id would have it", () => {
  expect(() => defineIntegration({ type: "hello", apiVersion: 1, metadata: { clientIdPrefix: "" } })).toThrow(
    /"hello".*clientIdPrefix is empty/,
  );
});

test("an integration is shown under its package's name, if it has one", () => {
  expect(ownerOf({ type: "hello", packageName: "integration-hello" })).toBe("integration-hello");
  expect(ownerOf({ type: "hello" })).toBe("hello");
});

test("the silent logger is its own child and takes everything", () => {
  const child = silentLogger.child({ type: "hello" });
  for (const level of ["debug", "info", "warn", "error"] as const) child[level]({}, "x");
  expect(child).toBe(silentLogger);
});

test("a result of text has neither files nor actions", () => {
  expect(textResult("Hi.")).toEqual({ text: "Hi.", files: [], actions: [] });
});
