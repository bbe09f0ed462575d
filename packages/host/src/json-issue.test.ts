import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { DEEPEST_LEVEL, isStorableText, jsonIssue } from "./json-issue.ts";

const circle: unknown[] = [1];
circle.push({ inner: circle });
const shared = { a: 1 };

describe("jsonIssue", () => {
  it.each([
    ["null", null],
    ["a text", "é😀"],
    ["a number", -1.5],
    ["a list", [1, [true, null], "x"]],
    ["an object", { a: { b: [] }, "": 0, __proto__x: 1 }],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 })],
    ["an object of another realm", runInNewContext("({ a: [1, { b: 2 }] })")],
    ["an object with an undefined field", { a: undefined, b: 1 }],
    ["the same object twice", [shared, shared]],
    ["as many levels as allowed", nested(DEEPEST_LEVEL)],
  ])("finds nothing in %s", (_what, value) => {
    expect(jsonIssue(value)).toBeNull();
  });

  it.each([
    ["undefined", undefined, "", /type undefined/],
    ["undefined in a list", { list: [1, undefined] }, "list.1", /type undefined/],
    // oxlint-disable-next-line no-sparse-arrays -- a hole is what is tested
    ["a hole in a list", [1, , 2], "1", /type undefined/],
    ["a BigInt", { deep: [{ big: 1n }] }, "deep.0.big", /type bigint/],
    ["a function", { call: () => 1 }, "call", /type function/],
    ["a symbol", [Symbol("s")], "0", /type symbol/],
    ["NaN", { n: Number.NaN }, "n", /NaN/],
    ["infinity", [-Infinity], "0", /-Infinity/],
    ["a date", { at: new Date(0) }, "at", /plain objects/],
    ["a map", new Map(), "", /plain objects/],
    ["a boxed text", [Object("x")], "0", /plain objects/],
    ["a circle", circle, "1.inner", /contains itself/],
    ["too many levels", nested(DEEPEST_LEVEL + 1), "", /100 levels/],
    ["a NUL character", { text: "a\u0000b" }, "text", /NUL/],
    ["half a surrogate pair", ["\ud800"], "0", /surrogate/],
    ["a key with a NUL character", { ok: { "k\u0000": 1 } }, "ok.k\u0000", /NUL/],
    ["a key with half a surrogate pair", { "k\udc00": 1 }, "k\udc00", /surrogate/],
  ])("finds %s, and where", (_what, value, field, message) => {
    expect(jsonIssue(value)).toEqual({ field, message: expect.stringMatching(message) });
  });
});

describe("isStorableText", () => {
  it("refuses NUL characters and half surrogate pairs", () => {
    expect(["", "x", "😀", "\u0000", "\ud83d", "\ude00"].map(isStorableText)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { value };
  return value;
}
