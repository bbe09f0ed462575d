import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, jsonDigest } from "./canonical-json.ts";

describe("canonicalJson", () => {
  it("sorts keys at every depth and leaves undefined fields out", () => {
    expect(canonicalJson({ b: [{ d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[{"d":1}]}');
  });

  it("writes dates as text and undefined as null", () => {
    expect(canonicalJson({ at: new Date(0) })).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
    expect(canonicalJson(undefined)).toBe("null");
  });

  it("says the same of equal values whatever the order of their keys, and loses nothing", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(JSON.parse(canonicalJson(value)))).toHaveLength(text.length);
        expect(canonicalJson(reversed(JSON.parse(text)))).toBe(canonicalJson(value));
      }),
    );
  });
});

describe("jsonDigest", () => {
  it("differs for different values and has 64 hex digits", () => {
    expect(jsonDigest({ a: 1 })).toMatch(/^[0-9a-f]{64}$/);
    expect(jsonDigest({ a: 1 })).toBe(jsonDigest({ a: 1, b: undefined }));
    expect(jsonDigest({ a: 1 })).not.toBe(jsonDigest({ a: "1" }));
    expect(jsonDigest([1, 2])).not.toBe(jsonDigest([2, 1]));
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, child]) => [key, reversed(child)]),
  );
}
