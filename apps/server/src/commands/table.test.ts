import { describe, expect, test } from "vitest";
import { tableLines } from "./table.ts";

const columns = [
  { title: "NAME", cell: ({ name }: Row) => name },
  { title: "COUNT", cell: ({ count }: Row) => count },
  { title: "ABOUT", cell: ({ about }: Row) => about },
];

interface Row {
  readonly name: string;
  readonly count: number;
  readonly about: string | null;
}

const plain = { width: null, style: (_: string, text: string) => text };

describe("a table", () => {
  test("stands in columns, with numbers on the right and no blanks at the ends", () => {
    const rows = [
      { name: "mail", count: 1_200, about: "letters" },
      { name: "a longer name", count: 7, about: null },
    ];
    expect(tableLines(columns, rows, plain)).toEqual([
      "NAME           COUNT  ABOUT",
      "mail           1,200  letters",
      "a longer name      7",
    ]);
  });

  test("is cut where the terminal ends", () => {
    const rows = [{ name: "a", count: 1, about: "x".repeat(50) }];
    const lines = tableLines(columns, rows, { ...plain, width: 30 });
    expect(lines).toEqual(["NAME  COUNT  ABOUT", `a         1  ${"x".repeat(16)}…`]);
  });

  test("shows nothing that could move the cursor or break a line", () => {
    const rows = [{ name: "a", count: 1, about: "one\ntwo\u001B[2J\u202Ethree\r" }];
    expect(tableLines(columns, rows, plain)[1]).toBe("a         1  one two [2J three");
  });

  test("has its titles in bold where colours are wanted", () => {
    const lines = tableLines(columns, [], { ...plain, style: (style, text) => `<${style}>${text}` });
    expect(lines).toEqual(["<bold>NAME  COUNT  ABOUT"]);
  });
});
