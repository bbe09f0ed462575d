import { describe, expect, test } from "vitest";
import { describeJsonMistake, jsonMistakePosition } from "./json-mistake.ts";

describe("the place where JSON ends to be JSON", () => {
  test.each([
    ['{"a": b}', 6],
    ['{"a": 1 "b": 2}', 8],
    ["{a: 1}", 1],
    ["[1, 2,]", 6],
    ['{"a" 1}', 5],
    ['{"a": 1}}', 8],
    ["[1}", 2],
    ["nul", 0],
    ["[01]", 2],
    ['["\\x"]', 1],
    ['{"a": "unfinished', 17],
    ['{"a": [1, 2', 11],
    ["'a'", 0],
  ])("of %s is %d", (text, position) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    expect(jsonMistakePosition(text)).toBe(position);
  });

  test("a whole document has no mistake", () => {
    const text = JSON.stringify({ a: [1, -2.5e3, true, null, 'x"\\\u0001', {}], b: [] }, null, 2);
    expect(jsonMistakePosition(text)).toBe(text.length);
  });

  test("is told with line and column", () => {
    expect(describeJsonMistake('{\n  "a": ?\n}')).toBe('unexpected "?" at position 9 (line 2, column 8)');
  });

  test("a text of a megabyte is no trouble", () => {
    expect(jsonMistakePosition(`["${"\\n".repeat(500_000)}" x`)).toBe(1_000_004);
  });
});
