import { expect, test } from "vitest";
import { formatArrayLiteral, parseArrayLiteral } from "./array-literal.ts";

test.each([
  [[]],
  [["a", "b"]],
  [['with "quotes", commas, {braces} and \\ backslashes', "", "NULL", " spaces "]],
  [["a", null, "b"]],
  [
    [
      ["a", "b"],
      ["c", null],
    ],
  ],
  [["line\nbreak", "tab\t", "emoji 🚀"]],
])("an array survives being written and read: %j", (values) => {
  expect(parseArrayLiteral(formatArrayLiteral(values, String), (element) => element)).toEqual(values);
});

test("elements without quotes are read as Postgres writes them", () => {
  expect(parseArrayLiteral("{1,NULL,-3}", Number)).toEqual([1, null, -3]);
  expect(parseArrayLiteral("{{1,2},{3,4}}", Number)).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test("unusual bounds are dropped", () => {
  expect(parseArrayLiteral("[0:1]={7,8}", Number)).toEqual([7, 8]);
});

test.each(["", "{", '{"', '{"a', "{1,"])("a broken literal ends: %j", (text) => {
  expect(Array.isArray(parseArrayLiteral(text, String))).toBe(true);
});
