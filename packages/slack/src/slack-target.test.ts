import { parseTarget } from "@core/registry";
import type { FieldIssue } from "@core/registry";
import { describe, expect, test } from "vitest";
import type { SlackTarget } from "./slack-target.ts";
import { slackOrderKey, slackTargetSchema, threadOf } from "./slack-target.ts";

async function issuesOf(value: unknown): Promise<readonly FieldIssue[]> {
  const result = await parseTarget({ target: slackTargetSchema }, value);
  return result.ok ? [] : result.issues;
}

describe("a target", () => {
  test.each([
    { channel_id: "C0123456789" },
    { channel_id: "D1", thread_ts: "1730000000.000100" },
    { channel_id: "G1", installation: "T0123456789", reply_in_thread: false },
    { channel_id: "U1" },
  ])("may be %j", async (value) => {
    expect(await parseTarget({ target: slackTargetSchema }, value)).toEqual({ ok: true, target: value });
  });

  test.each([
    [{}, "channel_id", "Add the id"],
    [{ channel_id: "#general" }, "channel_id", "no channel id"],
    [{ channel_id: "c0123" }, "channel_id", "no channel id"],
    [{ channel_id: "C1", thread_ts: "yesterday" }, "thread_ts", "no timestamp"],
    [{ channel_id: "C1", thread_ts: 1730000000.0001 }, "thread_ts", "string"],
    [{ channel_id: "C1", thread: "1.1" }, "thread", "Unknown field"],
    [{ channel_id: "C1", installation: "" }, "installation", "no name of an installation"],
    [{ channel_id: "C1", installation: "xoxb-1-2" }, "installation", "never a token"],
    [{ channel_id: "C1", installation: "xoxe.xoxb-1-2" }, "installation", "never a token"],
    [{ channel_id: "C1", reply_in_thread: "no" }, "reply_in_thread", "boolean"],
    [{ channel_id: "C1", token: "xoxb-1" }, "token", "no secrets"],
  ])("may not be %j", async (value, field, message) => {
    expect(await issuesOf(value)).toMatchObject([{ field, message: expect.stringContaining(message) }]);
  });
});

test("a delivery goes into the thread, unless the target says that it does not", () => {
  expect(threadOf({ channel_id: "C1", thread_ts: "1.1" })).toBe("1.1");
  expect(threadOf({ channel_id: "C1", thread_ts: "1.1", reply_in_thread: true })).toBe("1.1");
  expect(threadOf({ channel_id: "C1", thread_ts: "1.1", reply_in_thread: false })).toBeUndefined();
  expect(threadOf({ channel_id: "C1" })).toBeUndefined();
});

test("messages keep their order within one thread, or the channel itself, of one installation", () => {
  const keyOf = (target: Partial<SlackTarget>): string => slackOrderKey({ channel_id: "C1", ...target });
  expect(keyOf({ reply_in_thread: false, thread_ts: "1.1" })).toBe(keyOf({}));
  expect(keyOf({ reply_in_thread: true, thread_ts: "1.1" })).toBe(keyOf({ thread_ts: "1.1" }));
  const apart = [
    {},
    { channel_id: "C2" },
    { installation: "T1" },
    { thread_ts: "1.1" },
    { thread_ts: "1.2" },
  ];
  expect(new Set(apart.map(keyOf)).size).toBe(apart.length);
});
