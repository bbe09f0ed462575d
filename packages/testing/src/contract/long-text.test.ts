import { describe, expect, test } from "vitest";
import { marksIn, numberedText, wholenessOf } from "./long-text.ts";

const whole = { missing: [], repeated: [], misplaced: [] };
const text = "alpha bravo charlie delta";

test("a numbered text is as long as possible and repeats no word", () => {
  expect(numberedText(30)).toBe("w000001 w000002 w000003");
  const words = numberedText(9_000).split(" ");
  expect(numberedText(9_000).length).toBeGreaterThan(8_990);
  expect(new Set(words).size).toBe(words.length);
});

describe("a long text is", () => {
  test.each([
    ["in one message", [text]],
    ["in several", ["alpha bravo", "charlie delta"]],
    ["broken in the middle of a word", ["alpha bra", "vo charlie delta"]],
    ["with other space between", ["alpha\n\nbravo", "charlie   delta"]],
    ["with something before and behind", ["(1 of 2) alpha bravo", "charlie delta [end]"]],
  ])("whole %s", (_, shown) => {
    expect(wholenessOf(text, shown)).toEqual(whole);
  });

  test("not whole without a part", () => {
    expect(wholenessOf(text, ["alpha bravo"])).toEqual({ ...whole, missing: ["charlie", "delta"] });
  });

  test("not whole with a part that came twice", () => {
    const shown = ["alpha bravo", "alpha bravo", "charlie delta"];
    expect(wholenessOf(text, shown)).toEqual({ ...whole, repeated: ["alpha", "bravo"] });
  });

  test("not whole in another order", () => {
    const shown = ["charlie delta", "alpha bravo"];
    expect(wholenessOf(text, shown)).toEqual({ ...whole, misplaced: ["charlie"] });
  });
});

test("words that occur twice or within others tell no place", () => {
  expect(marksIn("ready already alone twice twice", "ready already alone twice")).toBe(2);
});

test("a very long text is looked at here and there, in every part of it", () => {
  const long = numberedText(100_000);
  expect(wholenessOf(long, [long])).toEqual(whole);
  expect(marksIn(long, long.slice(40_000, 41_000))).toBeGreaterThan(0);
});
