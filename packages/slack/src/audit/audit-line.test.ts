import type { HookCall, HookData } from "@core/registry";
import { expect, test } from "vitest";
import { auditLine } from "./audit-line.ts";

type Call = HookCall<"after_tool_call">;

function lineOf(data: Partial<HookData<"after_tool_call">>, bot_id: string | null = "ada"): string {
  const ids = { session_id: null, channel_id: null, client_id: null, correlation_id: null, origin: null };
  const call: Call = {
    event: "after_tool_call",
    context: { bot_id, ...ids },
    data: { tool_name: "search", tool_args: {}, result: null, duration_ms: 120.4, error: null, ...data },
    signal: new AbortController().signal,
  };
  return auditLine(call);
}

test("a call is told with its bot, its time and the names of its arguments", () => {
  expect(lineOf({ tool_args: { query: "who?", limit: 3 } })).toBe(
    "`search` by `ada` · 120 ms · `query`, `limit`",
  );
  expect(lineOf({}, null)).toBe("`search` · 120 ms");
});

test("what arguments hold and what came back is never told", () => {
  const line = lineOf({ tool_args: { password: "hunter2", deep: { key: "hunter2" } }, result: "hunter2" });
  expect(line).not.toContain("hunter2");
});

test("only so many names are told, each short and in one line", () => {
  const names = Array.from({ length: 11 }, (_, index) => `a${index}`);
  expect(lineOf({ tool_args: Object.fromEntries(names.map((name) => [name, 1])) })).toMatch(
    /`a7` and 3 more$/,
  );
  const line = lineOf({ tool_name: "x\n`<!channel>`".repeat(50) });
  expect(line).not.toMatch(/\n|<!channel>/);
  expect(line.length).toBeLessThan(200);
});

test.each([
  ["refused by <!here>", "refused by &lt;!here&gt;"],
  ["GET https://ada:pw@example.com/a?key=1#x failed", "GET https://example.com/… failed"],
  ["sent Authorization: Bearer abc", "sent Authorization: … …"],
  ['{"api_key": "abc"}', '{"api_key": …'],
  ["token xoxb-123456789012-abcdefABCDEF", "token …"],
  ["no answer from http://hooks.example.com:80 in 3 s", "no answer from http://hooks.example.com:80 in 3 s"],
  ["line one\n  line two", "line one line two"],
])("the error %j is told as %j", (error, told) => {
  expect(lineOf({ error })).toBe(`\`search\` by \`ada\` · 120 ms · failed: ${told}`);
});

test("a long error is cut", () => {
  expect(lineOf({ error: "no ".repeat(1_000) })).toMatch(/^.{200,260}…$/);
});
