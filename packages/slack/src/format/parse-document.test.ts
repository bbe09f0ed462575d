import { expect, test } from "vitest";
import { visibleText } from "./document.ts";
import { literalDocument, parseDocument } from "./parse-document.ts";

const emphasis = "*a **b ".repeat(2_000);

test.each([
  ["that is longer than a reply in messages", "**word** ".repeat(12_000)],
  ["of quotes in quotes", `${"> ".repeat(60)}**deep**`],
  ["of lists in lists", `${"- ".repeat(60)}**deep**`],
  ["of thousands of quotes", "> word\n\n".repeat(2_000)],
  ["of thousands of items", "- one\n  1. two\n".repeat(1_000)],
  ["with thousands of marks in one paragraph", emphasis],
  ["with such a paragraph behind code", `\`\`\`\n${emphasis}\n\`\`\`\n\n${emphasis}`],
])("a text %s is taken word for word", (_, text) => {
  expect(parseDocument(text)).toEqual(literalDocument(text));
});

test("code may have as many marks as it likes", () => {
  const value = "[*]\n".repeat(2_000);
  expect(parseDocument(`~~~js\n${value}~~~`).children).toEqual([
    { type: "code", lang: "js", value: value.trimEnd() },
  ]);
});

test.each(["[a]: https://example.com", "---", "&nbsp;", "![]()", "-"])(
  "a text of which nothing would be seen shows as it is: %s",
  (text) => {
    expect(visibleText([parseDocument(text)])).toBe(text);
  },
);

test("lines end alike, wherever the text comes from", () => {
  expect(parseDocument("one\r\ntwo\r\n\r\n~~~\rthree\r\n\r\nfour\r~~~")).toEqual(
    parseDocument("one\ntwo\n\n~~~\nthree\n\nfour\n~~~"),
  );
});

test("a text in no language keeps its lines and paragraphs", () => {
  expect(literalDocument("# one\r\n  two\n\n\n*three*").children).toEqual([
    { type: "paragraph", children: [{ type: "text", value: "# one\ntwo" }] },
    { type: "paragraph", children: [{ type: "text", value: "*three*" }] },
  ]);
});
