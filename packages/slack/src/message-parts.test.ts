import { expect, test } from "vitest";
import { MESSAGE_CHARACTERS, messageParts, namedPart } from "./message-parts.ts";

test("a text shows as it is: nothing in it calls people or links", () => {
  expect(messageParts("<!channel> & <@U1>: a < b", undefined)).toEqual([
    "&lt;!channel&gt; &amp; &lt;@U1&gt;: a &lt; b",
  ]);
});

test("half characters, which cannot be sent, are replaced", () => {
  expect(messageParts("a\ud83d", undefined)).toEqual(["a\ufffd"]);
});

test("the first part says who has delegated the work", () => {
  const [first, second] = messageParts("a ".repeat(3_000), "Ada\n<!here>");
  expect(first).toMatch(/^_Delegated by Ada &lt;!here&gt;_\na a/);
  expect(second).toMatch(/^a a/);
});

test("a blank name of a delegating bot is left out", () => {
  expect(messageParts("Hello.", " ")).toEqual(["Hello."]);
});

test("names do not change where a text is cut, and the longest ones fit", () => {
  const text = "wörter & mehr ".repeat(1_500);
  const plain = messageParts(text, undefined);
  const long = messageParts(text, "&".repeat(5_000));
  expect(long.slice(1)).toEqual(plain.slice(1));
  expect(long[0]?.endsWith(plain[0] ?? "?")).toBe(true);
  const lengths = long.map((part) => namedPart(part, "<".repeat(5_000)).length);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(MESSAGE_CHARACTERS);
});

test("a part may begin with a bot's name", () => {
  expect(namedPart("Hello.", "Ada & Bob")).toBe("*Ada &amp; Bob*: Hello.");
  expect(namedPart("Hello.", "")).toBe("Hello.");
});
