import { expect, it } from "vitest";
import { messageOf } from "./thrown-value.ts";

it.each([
  ["an error", new Error("no luck"), "no luck"],
  ["a text", "no luck", "no luck"],
  ["nothing", undefined, "undefined"],
  [
    "an error without a message, by its code",
    Object.assign(new Error(""), { code: "ECONNREFUSED" }),
    "ECONNREFUSED",
  ],
  ["an error without message and code, by its name", new TypeError(""), "TypeError"],
  [
    "an object that cannot be written",
    Object.create(null),
    "A value that says nothing of itself was thrown.",
  ],
])("a message is made of %s", (_what, thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
