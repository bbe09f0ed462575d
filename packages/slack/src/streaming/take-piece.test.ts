import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeText } from "../escaped-text.ts";
import { takePiece } from "./take-piece.ts";

const characters = (text: string): number => text.length;
const bytes = (text: string): number => Buffer.byteLength(text);

test.each([
  ["all of it", 20, "all of it"],
  ["one\n\ntwo three", 9, "one\n\n"],
  ["one\ntwo three", 9, "one\n"],
  ["one two three", 9, "one two "],
  ["onetwothree", 9, "onetwothr"],
  ["one&amp;two", 6, "one"],
  ["one😀two", 4, "one"],
  ["one", 0, ""],
])("of %j the beginning that fits into %i is %j", (text, room, piece) => {
  expect(takePiece(text, room, characters)).toBe(piece);
});

test("the pieces of any text fit, and together are the text", () => {
  const anyText = fc.string({
    unit: fc.constantFrom("a", "&", "<", "é", "😀", " ", "\n", "\n\n"),
    maxLength: 400,
  });
  fc.assert(
    fc.property(
      anyText,
      fc.integer({ min: 16, max: 60 }),
      fc.constantFrom(characters, bytes),
      (raw, room, size) => {
        const pieces: string[] = [];
        for (let rest = escapeText(raw); rest !== ""; rest = rest.slice(pieces.at(-1)?.length)) {
          const piece = takePiece(rest, room, size);
          expect(piece).not.toBe("");
          pieces.push(piece);
        }
        expect(pieces.join("")).toBe(escapeText(raw));
        expect(pieces.every((piece) => size(piece) <= room && piece.isWellFormed())).toBe(true);
        expect(pieces.every((piece) => !/&(?!amp;|lt;|gt;)/.test(piece))).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});
