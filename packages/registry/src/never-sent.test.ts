import { expect, test } from "vitest";
import { IntegrationError } from "./errors.ts";
import { neverSent } from "./never-sent.ts";

const refused = failure("no");

test("a call that cannot have arrived is told from one that may have", () => {
  expect(neverSent(refused)).toBe(true);
  expect(neverSent(failure("maybe"))).toBe(false);
});

test("the error is found within those of the libraries around it", () => {
  expect(
    neverSent(new Error("request failed", { cause: new Error("fetch failed", { cause: refused }) })),
  ).toBe(true);
  expect(neverSent(Object.assign(new Error("request failed"), { original: refused }))).toBe(true);
});

test("what says nothing may have been sent", () => {
  for (const error of [new Error("?"), "text", null, undefined, { details: { sent: "no" } }]) {
    expect(neverSent(error)).toBe(false);
  }
});

test("causes that go round in a circle come to an end", () => {
  const error = new Error("round");
  error.cause = error;
  expect(neverSent(error)).toBe(false);
});

function failure(sent: string): Error {
  return new IntegrationError({ code: "OUTBOUND_NETWORK", message: "No answer.", details: { sent } });
}
