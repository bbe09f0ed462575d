import { createRegistry } from "@core/registry";
import type { StandardSchema } from "@core/registry";
import { createFakeContext, dispatcherOf } from "@core/testing";
import { expect, test } from "vitest";
import { slack } from "./index.ts";

const registry = createRegistry({ integrations: [slack] });

test.each([
  ["slack:C0123456789", { channel_id: "C0123456789" }],
  ["slack:D1", { channel_id: "D1" }],
])("answers for %s go into that channel", async (clientId, target) => {
  expect(await registry.resolveDispatchConfig(clientId)).toMatchObject({ dispatch_config: target });
});

test.each(["slack:", "slack:general", "slack:C1 ", "slack:c1", "slacker:C1", "mail:C1", "C1"])(
  "%s names no channel of Slack's",
  (clientId) => {
    const signal = new AbortController().signal;
    expect(slack.metadata?.resolveDispatchConfig?.(clientId, signal)).toBeNull();
  },
);

test("a bot's messages are signed with its name and picture", async () => {
  const bot = { name: "ada", avatar_url: "https://example.com/ada.png" };
  expect(await registry.getUserAttribution("slack", bot)).toEqual({
    username: "ada",
    icon_url: bot.avatar_url,
  });
});

test("its token is a secret, and the only thing that it needs", () => {
  expect(slack.environment).toEqual({
    required: ["SLACK_BOT_TOKEN"],
    optional: ["SLACK_API_URL", "SLACK_STATUS", "SLACK_AUDIT_CHANNEL", "SLACK_STREAMS"],
    secret: ["SLACK_BOT_TOKEN"],
  });
});

test.each([
  [{}, true],
  [{ SLACK_API_URL: "http://127.0.0.1:4003/api/" }, true],
  [{ SLACK_API_URL: "127.0.0.1" }, false],
  [{ SLACK_API_URL: "ftp://example.com/" }, false],
  [{ SLACK_STATUS: "session", SLACK_AUDIT_CHANNEL: "C0123456789" }, true],
  [{ SLACK_STATUS: "loud" }, false],
  [{ SLACK_STREAMS: "maybe" }, false],
  [{ SLACK_AUDIT_CHANNEL: "#general" }, false],
])("the settings %j are read: %s", async (variables, isRead) => {
  const config = slack.config as StandardSchema;
  expect((await config["~standard"].validate(variables)).issues === undefined).toBe(isRead);
});

test("it declares what it does, and no more", async () => {
  const dispatcher = await dispatcherOf(slack, createFakeContext({ config: {} }));
  expect(dispatcher.capabilities).toEqual({
    stream: true,
    edit: true,
    threads: true,
    files: true,
    max_text: 12_000,
  });
  expect(dispatcher.idempotent).toBeUndefined();
  expect(dispatcher.reconcile).toBeTypeOf("function");
  expect(dispatcher.orderKey?.({ channel_id: "C1", installation: "T1" })).toBe("T1/C1");
});

test("it shows results while they grow unless it is told not to", async () => {
  const [streaming, silent] = await Promise.all([
    dispatcherOf(slack, createFakeContext({ config: {} })),
    dispatcherOf(slack, createFakeContext({ config: { SLACK_STREAMS: "off" } })),
  ]);
  expect([typeof streaming.stream, silent.stream]).toEqual(["function", undefined]);
});

test.each([
  ["a thread", { channel_id: "C1", thread_ts: "1.1" }, true],
  ["a thread of direct messages", { channel_id: "D1", thread_ts: "1.1" }, true],
  ["a channel", { channel_id: "C1" }, false],
  ["the channel instead of a thread", { channel_id: "C1", thread_ts: "1.1", reply_in_thread: false }, false],
  ["a user's id, whose messages take no change", { channel_id: "U1", thread_ts: "1.1" }, false],
])("a result into %s %j grows: %s", async (_where, target, grows) => {
  const dispatcher = await dispatcherOf(slack, createFakeContext({ config: {} }));
  expect(dispatcher.streamsTo?.(target)).toBe(grows);
});
