import { expect, test } from "vitest";
import { toolCallResult } from "./tool-call-result.ts";

test("an answer is structured, and the same JSON is a text", () => {
  expect(toolCallResult({ isError: false, structuredContent: { removed: true } })).toEqual({
    content: [{ type: "text", text: `{"removed":true}` }],
    structuredContent: { removed: true },
  });
});

test("a fault is an error of the tool, and never held against the output schema", () => {
  const fault = { code: "TOOL_FAILED", message: "It failed.", hint: "Try again." };
  expect(toolCallResult({ isError: true, fault })).toEqual({
    content: [{ type: "text", text: JSON.stringify(fault) }],
    isError: true,
  });
});
