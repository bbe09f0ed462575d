import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clipText, splitText, textLength } from "./split-text.ts";

describe("splitting", () => {
  test("a text that fits stays as it is, white space and all", () => {
    expect(splitText("  one \n two  ", { limit: 13 })).toEqual(["  one \n two  "]);
  });

  test.each([
    ["at the end of a line", "aaa\nbbb ccc\nddd", 10, ["aaa\nbbb", "ccc\nddd"]],
    ["at the last line that fits", "aaa bbb\nccc", 9, ["aaa bbb", "ccc"]],
    ["else between words", "aaaa bbbb cccc", 10, ["aaaa bbbb", "cccc"]],
    ["else anywhere", "aaaaaaaaaa", 4, ["aaaa", "aaaa", "aa"]],
    ["never between the halves of a character", "👋👋👋👋👋", 2, ["👋👋", "👋👋", "👋"]],
  ])("it cuts %s", (_, text, limit, parts) => {
    expect(splitText(text, { limit })).toEqual(parts);
  });

  test("a character weighs what the service says", () => {
    const weight = (character: string): number => (character === "&" ? 5 : 1);
    expect(splitText("&&a&", { limit: 11, weight })).toEqual(["&&a", "&"]);
  });

  test("there is no blank part", () => {
    expect(splitText(`a${" ".repeat(20)}b`, { limit: 4 })).toEqual(["a", "b"]);
  });

  test("nothing but white space is lost, and no part is too long", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "é", "👋", "🏳️‍🌈", " ", "\n", "&"), maxLength: 200 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 30 }), (whole, limit) => {
        const parts = splitText(whole, { limit });
        expect(parts.join("").replaceAll(/\s/g, "")).toBe(whole.replaceAll(/\s/g, ""));
        for (const part of parts) {
          expect(textLength(part)).toBeLessThanOrEqual(limit);
          expect(part.isWellFormed()).toBe(true);
        }
      }),
    );
  });
});

test.each([
  ["short", 5, "short"],
  ["longer", 5, "long…"],
  ["👋👋👋", 2, "👋…"],
])("%j is clipped to %i as %j", (text, limit, clipped) => {
  expect(clipText(text, limit)).toBe(clipped);
});
