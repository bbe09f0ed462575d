import fc from "fast-check";
import { expect, it } from "vitest";
import { copyJson, freezeJson, isSameJson } from "./json-copy.ts";

/** As it comes from a file: plain objects, and fields of any name. */
const json = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));

it("a copy is the same and shares nothing", () => {
  fc.assert(
    fc.property(json, (value) => {
      const copy = copyJson(freezeJson(value));
      expect(copy).toEqual(value);
      expect(isSameJson(value, copy)).toBe(true);
      expect(objectsIn(copy).filter((one) => Object.isFrozen(one))).toEqual([]);
    }),
  );
});

it("two values are the same exactly where their JSON is", () => {
  fc.assert(
    fc.property(json, json, (one, other) => {
      expect(isSameJson(one, other)).toBe(canonical(one) === canonical(other));
    }),
  );
});

it.each([
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: 1 }, { b: 1 }],
  [{ a: [] }, { a: {} }],
  [[1, 2], [1]],
  [{ a: null }, { a: {} }],
  [{ a: 1 }, { a: "1" }],
  [{}, null],
])("%j is not %j", (one, other) => {
  expect(isSameJson(one, other)).toBe(false);
  expect(isSameJson(other, one)).toBe(false);
});

it("what was frozen is so at every depth", () => {
  const frozen = freezeJson({ a: [{ b: 1 }] });
  expect(objectsIn(frozen).every((one) => Object.isFrozen(one))).toBe(true);
});

function objectsIn(value: unknown): object[] {
  return typeof value === "object" && value !== null
    ? [value, ...Object.values(value).flatMap(objectsIn)]
    : [];
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
