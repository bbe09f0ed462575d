import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { storable, storableJson, unstorableText } from "./storable-text.ts";

const roughText = fc.string({ unit: fc.constantFrom("a", "\u0000", "\ud800", "\udc00", "é", "😀") });
const roughValues = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    roughText,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(roughText, tie("value"), { maxKeys: 4 }),
  ),
})).value;

describe("storable", () => {
  it("leaves nothing that Postgres refuses, and changes nothing the second time", () => {
    fc.assert(
      fc.property(roughValues, (value) => {
        const once = storable(value);
        expect(unstorableText(once)).toEqual([]);
        expect(storable(once)).toEqual(once);
      }),
    );
  });

  it("leaves what can be stored as it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(unstorableText(value).length === 0);
        expect(storable(value)).toEqual(value);
      }),
    );
  });

  it("marks each character it replaces", () => {
    expect(storable({ "k\u0000": ["a\ud800", 1, null] })).toEqual({ "k\uFFFD": ["a\uFFFD", 1, null] });
  });
});

describe("unstorableText", () => {
  it("names the field of each bad text and of each bad key", () => {
    const value = { ok: "fine", list: ["x", "\u0000"], deep: { "bad\ud800": 1 } };
    expect(unstorableText(value).map(({ field }) => field)).toEqual(["list.1", "deep.bad\ud800"]);
  });
});

describe("storableJson", () => {
  it("gives what JSON makes of a value, and null for undefined", () => {
    const value = { at: new Date(0), url: new URL("http://a.test/"), none: undefined, nul: "\u0000" };
    expect(storableJson(value)).toEqual({
      at: "1970-01-01T00:00:00.000Z",
      url: "http://a.test/",
      nul: "\uFFFD",
    });
    expect(storableJson(undefined)).toBeNull();
    expect(storableJson(() => 1)).toBeNull();
  });

  it("throws for what JSON cannot say", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => storableJson(1n)).toThrow(TypeError);
    expect(() => storableJson(circle)).toThrow(TypeError);
  });
});
