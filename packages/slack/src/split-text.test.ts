import { expect, test } from "vitest";
import { escapeText } from "./escaped-text.ts";
import { splitText } from "./split-text.ts";

test("a text that fits is one part", () => {
  expect(splitText("a".repeat(20), 20)).toEqual(["a".repeat(20)]);
});

test("a blank text has no parts", () => {
  expect(splitText(" \n\t\n ", 16)).toEqual([]);
});

test("it is cut at a blank line rather than at the end of a line, and there rather than between words", () => {
  expect(splitText("one two\n\nthree\nfour five", 16)).toEqual(["one two", "three\nfour five"]);
  expect(splitText("one two\nthree four five", 16)).toEqual(["one two", "three four five"]);
  expect(splitText("one two three four five", 16)).toEqual(["one two three", "four five"]);
});

test("a break that would leave a small part is not used", () => {
  expect(splitText("a\n\nfour five six seven", 16)).toEqual(["a\n\nfour five six", "seven"]);
});

test("a line keeps its indentation behind a cut", () => {
  expect(splitText("if (one) {\n  return two;\n}", 16)).toEqual(["if (one) {", "  return two;\n}"]);
});

test("a word without end is cut where it is full", () => {
  expect(splitText("x".repeat(40), 16)).toEqual(["x".repeat(16), "x".repeat(16), "x".repeat(8)]);
});

test("an entity is not cut in two", () => {
  for (let before = 10; before < 17; before += 1) {
    const parts = splitText(`${"x".repeat(before)}&amp;${"y".repeat(16)}`, 16);
    expect(parts.filter((part) => part.includes("&amp;"))).toHaveLength(1);
  }
});

test("a character of two halves is not cut in two", () => {
  expect(splitText(`${"x".repeat(15)}🙂${"y".repeat(10)}`, 16)).toEqual([
    "x".repeat(15),
    `🙂${"y".repeat(10)}`,
  ]);
});

test("white space alone never becomes a part, however much there is", () => {
  expect(splitText(`a${" ".repeat(100)}b${"\n".repeat(100)}${" ".repeat(100)}c`, 16)).toEqual([
    "a",
    "b",
    "c",
  ]);
});

test("nothing is lost and every part can be sent, whatever the text", () => {
  for (let seed = 0; seed < 1_000; seed += 1) {
    const random = seededRandom(seed);
    const text = escapeText(randomText(random));
    const limit = 16 + Math.floor(random() * 60);
    expect(faultsOf(text, splitText(text, limit), limit), `seed ${seed}`).toEqual([]);
  }
});

/** What is wrong with these parts of a text. */
function faultsOf(text: string, parts: readonly string[], limit: number): string[] {
  const faults: string[] = [];
  let rest = text;
  for (const part of parts) {
    const at = rest.indexOf(part);
    if (rest.slice(0, at).trim() !== "") faults.push(`lost before ${part}`);
    if (part.trim() === "") faults.push("a blank part");
    if (part.length > limit) faults.push(`too long: ${part}`);
    if (!part.isWellFormed()) faults.push(`half a character: ${part}`);
    if (/&(?!amp;|lt;|gt;)/.test(part)) faults.push(`half an entity: ${part}`);
    rest = rest.slice(at + part.length);
  }
  return rest.trim() === "" ? faults : [...faults, `lost at the end: ${rest}`];
}

const PIECES = [
  "a",
  "word",
  " ",
  "  ",
  "\n",
  "\n\n",
  "\r\n",
  "\t",
  "&",
  "<",
  ">",
  "&amp;",
  "🙂",
  "é",
  "\ud83d",
];

function randomText(random: () => number): string {
  const pieces = [...PIECES, "long".repeat(9), " ".repeat(30)];
  const pick = (): string => pieces[Math.floor(random() * pieces.length)] ?? "";
  return Array.from({ length: random() * 200 }, pick).join("");
}

/** Mulberry32: the same numbers for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
