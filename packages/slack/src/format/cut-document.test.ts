import { expect, test } from "vitest";
import { cutDocument } from "./cut-document.ts";
import { visibleText } from "./document.ts";
import { parseDocument } from "./parse-document.ts";
import { renderMarkdown } from "./render-markdown.ts";
import { renderMrkdwn } from "./render-mrkdwn.ts";

/** Markdown as it goes out, in parts of at most so many characters. */
function cut(markdown: string, limit: number, render = renderMarkdown): string[] {
  return [...cutDocument(parseDocument(markdown), { limit, render })].map(render);
}

test("a text that fits is one part", () => {
  expect(cut("Hello.\n\n- one\n- two", 500)).toEqual(["Hello.\n\n- one\n- two"]);
});

test("it is cut between paragraphs rather than at the end of a line, and there rather than between words", () => {
  expect(cut("one two\n\nthree\nfour five", 18)).toEqual(["one two", "three\nfour five"]);
  expect(cut("one two\nthree four five", 18)).toEqual(["one two", "three four five"]);
  expect(cut("one two three four five", 18)).toEqual(["one two three four", "five"]);
});

test("a place that would leave a small part is not used", () => {
  expect(cut("a\n\nfour five six seven", 18)).toEqual(["a\n\nfour five six", "seven"]);
});

test("a heading goes with what follows it", () => {
  expect(cut("one two three\n\n# four\n\nfive six", 30)).toEqual(["one two three", "# four\n\nfive six"]);
});

test("a word without end is cut, but not within a letter", () => {
  expect(cut("x".repeat(40), 32)).toEqual(["x".repeat(32), "x".repeat(8)]);
  const families = "👩‍👩‍👧".repeat(20);
  const parts = cut(families, 50);
  expect(parts.join("")).toBe(families);
  expect(parts.map((part) => part.length % "👩‍👩‍👧".length)).toEqual(parts.map(() => 0));
});

test("code is closed and opened again, in its language, between lines", () => {
  const code = "```js\nconst one = 1;\n  const two = 2;\n\n  const three = 3;\n```";
  expect(cut(code, 48)).toEqual([
    "```js\nconst one = 1;\n  const two = 2;\n\n```",
    "```js\n  const three = 3;\n```",
  ]);
});

test("code that has fences in it stays one block", () => {
  const parts = cut(`\`\`\`\`md\n${"```\nword\n".repeat(20)}\`\`\`\``, 100);
  expect(parts.every((part) => part.startsWith("````md\n") && part.endsWith("\n````"))).toBe(true);
});

test("code within a line is on one line, so that no cut makes a block of it", () => {
  expect(cut("```one `two ``three\nfour five```", 25)).toEqual(["```one `two ``three```", "` four five`"]);
  expect(cut("<br>```one\ntwo `three ``four```", 500)).toEqual(["```one two `three ``four```"]);
});

test("bold, italic and struck words are closed and opened again", () => {
  expect(cut("**one *two ~~three four~~ five* six**", 24)).toEqual([
    "**one _two ~~three~~_**",
    "**_~~four~~ five_ six**",
  ]);
  expect(cut("**one *two ~~three four~~ five* six**", 21, renderMrkdwn)).toEqual([
    "*one _two ~three~_*",
    "*_~four~ five_ six*",
  ]);
});

test("a link is not cut as long as it fits", () => {
  expect(cut("one two three [four five six](https://a.b) seven", 44)).toEqual([
    "one two three [four five six](https://a.b)",
    "seven",
  ]);
});

test("a link that would be cut goes into the next part", () => {
  expect(cut("one two three [four five six](https://a.b) seven", 40)).toEqual([
    "one two three",
    "[four five six](https://a.b) seven",
  ]);
});

test("a link that does not fit leads there from each part", () => {
  const parts = cut(`[${"word ".repeat(30)}](https://a.b)`, 100);
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.every((part) => /^\[word[\w ]*word\]\(https:\/\/a\.b\)$/.test(part))).toBe(true);
});

test("an entity is whole", () => {
  const parts = cut("<".repeat(100), 60);
  expect(parts.map((part) => part.replaceAll("&lt;", ""))).toEqual(parts.map(() => ""));
  expect(cut("<".repeat(100), 60, renderMrkdwn)).toEqual(parts);
});

test("a list counts on, and an item that is cut begins with its number", () => {
  expect(cut("3. one two\n4. three four\n5. five six seven eight", 26)).toEqual([
    "3. one two\n4. three four",
    "5. five six seven eight",
  ]);
  expect(cut("- [x] one two three four five six", 24)).toEqual([
    "- [x] one two three four",
    "- [x] five six",
  ]);
});

test("a table has its head in each part, and its columns keep their places", () => {
  const rows = ["| a | b |", "| - | - |", "| one | 1 |", "| two | 2 |", "| three | 3 |"];
  expect(cut(rows.join("\n"), 44)).toEqual([
    "| a | b |\n| - | - |\n| one | 1 |\n| two | 2 |",
    "| a | b |\n| - | - |\n| three | 3 |",
  ]);
  const words = "word ".repeat(8).trim();
  expect(cut(`| a | b |\n| - | - |\n| one | ${words} |`, 50).at(-1)).toMatch(
    /^\| a \| b \|\n\| - \| - \|\n\| \| [word ]+ \|$/,
  );
});

test("the head of a table goes with its first row", () => {
  expect(cut("> one two three\n>\n> | a |\n> |-|\n> | three |\n> | four |", 44)).toEqual([
    "> one two three",
    "> | a |\n> | - |\n> | three |\n> | four |",
  ]);
});

test("a quote goes on as a quote", () => {
  expect(cut("> one two three\n>\n> four five six", 20)).toEqual(["> one two three", "> four five six"]);
});

test("where it is cut depends on nothing but the text", () => {
  const text = Array.from({ length: 60 }, (_, index) => `**Point ${index}**: \`code\` and words.`).join(
    "\n\n",
  );
  expect(cut(text, 500)).toEqual(cut(text, 500));
});

test("a text too costly to parse is cut all the same, word for word", () => {
  const text = `${"> ".repeat(60)}${"*a **b ".repeat(20_000)}`;
  const parts = [...cutDocument(parseDocument(text), { limit: 11_600, render: renderMarkdown })];
  expect(visibleText(parts).replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
});

test("a table of hundreds of rows becomes several, each with the head and with no more than Slack takes", () => {
  const rows = Array.from({ length: 250 }, (_, index) => `| ${index} | b |`);
  const [part = "", ...rest] = cut(["| n | b |", "| - | - |", ...rows].join("\n"), 11_600);
  const tables = part.split("\n\n");
  expect(rest).toEqual([]);
  expect(tables.map((table) => table.split("\n").length)).toEqual([101, 101, 54]);
  expect(tables.flatMap((table) => table.split("\n").slice(2))).toEqual(rows);
});

test("a table whose head has addresses too long to stand above each part is code that tells them", () => {
  const url = `https://a.b/${"x".repeat(300)}`;
  expect(cut(`| [a](${url}) | b |\n|-|-|\n| one | [two](https://a.b) |`, 500)).toEqual([
    `\`\`\`\na (${url}) | b\none | two (https://a.b)\n\`\`\``,
  ]);
});

test("a table that is wider than Slack takes is code", () => {
  const row = Array.from({ length: 21 }, (_, index) => `${index}`);
  const table = [row, row.map(() => "-"), row].map((cells) => `|${cells.join("|")}|`).join("\n");
  expect(cut(table, 500)).toEqual([`\`\`\`\n${row.join(" | ")}\n${row.join(" | ")}\n\`\`\``]);
});
