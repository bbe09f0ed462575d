import { expect, test } from "vitest";
import { documentLines } from "./document-lines.ts";

const plain = { style: (_: string, text: string) => text };

test("a document is shown by its fields and tables, without what is empty", () => {
  const document = {
    id: "t1",
    lane: null,
    result: { text: "two\nlines" },
    errors: [],
    deliveries: [
      { id: "d1", state: "dead", parts: 2, oldest_due_ms: 90_000, note: null },
      { id: "d2", state: "held", parts: 10, oldest_due_ms: null, note: null },
    ],
  };
  expect(documentLines(document, plain)).toEqual([
    "id      t1",
    'result  {"text":"two\\nlines"}',
    "",
    "deliveries",
    "ID  STATE  PARTS  OLDEST DUE",
    "d1  dead       2  1.5 m",
    "d2  held      10",
  ]);
});
