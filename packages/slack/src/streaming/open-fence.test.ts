import { expect, test } from "vitest";
import { openFence } from "./open-fence.ts";

test.each([
  ["", null],
  ["```ts\ncode", { opening: "```ts", closing: "```" }],
  ["```ts\ncode\n```", null],
  ["```\none\n```\ntext\n~~~~ md\ntwo", { opening: "~~~~ md", closing: "~~~~" }],
  ["````\n```\ninner", { opening: "````", closing: "````" }],
  ["```\n~~~\n", { opening: "```", closing: "```" }],
  ["```\ncode\n``` not a close", { opening: "```", closing: "```" }],
  ["  ```py\ncode", { opening: "  ```py", closing: "  ```" }],
  ["    ```\nindented code", null],
  ["```inline``` code", null],
])("of %j it is %j", (text, fence) => {
  expect(openFence(text)).toEqual(fence);
});
