import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonFaultOffset } from "./json-fault.ts";

it.each([
  ["", 0],
  ["  ", 2],
  ["x", 0],
  ["[1,]", 3],
  ["[,1]", 1],
  ["[1 2]", 3],
  ["[1}", 2],
  ["01", 1],
  ["1.", 1],
  ["tru", 0],
  ['{"a" 1}', 5],
  ['{"a":}', 5],
  ['{"a":1,}', 7],
  ["{a:1}", 1],
  ["{1:1}", 1],
  ['{"a":1]', 6],
  ['["a\\x"]', 1],
  ['["a\n"]', 1],
  ['["a', 1],
  ["[[1]", 4],
  ["[] []", 3],
  ["\u00a0[]", 0],
])("finds where %j stops being JSON", (text, offset) => {
  expect(jsonFaultOffset(text)).toBe(offset);
});

it("reads all of what is JSON, whatever its spacing", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 1, "\t"), (value, space) => {
      const text = JSON.stringify(value, null, space);
      expect(jsonFaultOffset(text)).toBe(text.length);
    }),
  );
});

it("finds a place before which nothing is wrong", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), (value, cut) => {
      const text = JSON.stringify([value]);
      const head = text.slice(0, cut % text.length);
      expect(text.startsWith(head.slice(0, jsonFaultOffset(head)))).toBe(true);
      // Only a token that was cut in two is left over.
      expect(head.slice(jsonFaultOffset(head))).toMatch(/^(?:"[^]*|[-\w.+]*)$/);
    }),
  );
});

it("reads deep and long texts", () => {
  const deep = "[".repeat(200_000);
  expect(jsonFaultOffset(deep)).toBe(200_000);
  const long = `"${'\\"a'.repeat(1_000_000)}`;
  expect(jsonFaultOffset(long)).toBe(0);
});
