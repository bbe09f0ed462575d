import type { WebClient } from "@slack/web-api";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FakeSlack } from "./fake-slack.ts";
import { startFakeSlack } from "./fake-slack.ts";
import { clientOf, refusalOf } from "./test-client.ts";

let slack: FakeSlack;
let client: WebClient;
beforeAll(async () => {
  slack = await startFakeSlack({ clockOffsetMs: 3_600_000 });
  client = clientOf(slack);
});
beforeEach(() => slack.reset());
afterAll(() => slack.close());

const TEXTS = ["one", "two", "three", "four", "five"];

async function sayAll(threadTs?: string): Promise<readonly string[]> {
  const said: string[] = [];
  for (const text of TEXTS) said.push(await slack.say(text, threadTs === undefined ? {} : { threadTs }));
  return said;
}

async function history(query: Record<string, unknown>): Promise<(string | undefined)[]> {
  const { messages = [] } = await client.conversations.history({ channel: slack.channelId(), ...query });
  return messages.map(({ text }) => text);
}

describe("the history", () => {
  test("is read between two moments", async () => {
    const [, second, , fourth] = await sayAll();
    expect(await history({ oldest: second, latest: fourth })).toEqual(["three"]);
    expect(await history({ oldest: second, latest: fourth, inclusive: true })).toEqual([
      "four",
      "three",
      "two",
    ]);
  });

  test("is read in pages", async () => {
    await sayAll();
    const pages: string[] = [];
    for await (const page of client.paginate("conversations.history", {
      channel: slack.channelId(),
      limit: 2,
    })) {
      pages.push((Reflect.get(page, "messages") as { text: string }[]).map(({ text }) => text).join());
    }
    expect(pages).toEqual(["five,four", "three,two", "one"]);
  });

  test.each([
    [{ limit: 1_000 }, "invalid_limit"],
    [{ cursor: "nowhere" }, "invalid_cursor"],
    [{ channel: "C404" }, "channel_not_found"],
  ])("is refused for %j", async (query, code) => {
    expect(await refusalOf(history(query))).toBe(code);
  });

  test("shows metadata to those who ask for it", async () => {
    const metadata = { event_type: "x", event_payload: { a: 1 } };
    const channel = slack.channelId();
    await client.chat.postMessage({ channel, text: "Hello.", metadata });
    const shown = async (all: boolean): Promise<unknown> =>
      (await client.conversations.history({ channel, include_all_metadata: all })).messages?.[0];
    expect(await shown(false)).not.toHaveProperty("metadata");
    expect(await shown(true)).toMatchObject({ metadata });
  });
});

describe("a thread", () => {
  test("has its first message at the head of each page", async () => {
    const ts = await slack.say("zero");
    const [, , oldest = ""] = await sayAll(ts);
    const replies = await client.conversations.replies({
      channel: slack.channelId(),
      ts,
      oldest,
      limit: 2,
    });
    expect(replies.messages?.map(({ text }) => text)).toEqual(["zero", "four"]);
    expect(replies.has_more).toBe(true);
  });

  test("that is not there is not found", async () => {
    const ts = "1700000000.000001";
    expect(await refusalOf(client.conversations.replies({ channel: slack.channelId(), ts }))).toBe(
      "thread_not_found",
    );
  });
});

test("Slack's clock may be off: its timestamps are, and mean the same in both directions", async () => {
  const before = Date.now();
  const ts = await slack.say("zero");
  expect(Number(ts) * 1_000 - before).toBeGreaterThanOrEqual(3_599_000);
  await client.chat.postMessage({ channel: slack.channelId(), thread_ts: ts, text: "one" });
  expect((await slack.messages(ts)).map(({ text, thread_ts }) => [text, thread_ts])).toEqual([
    ["zero", undefined],
    ["one", ts],
  ]);
  await client.reactions.add({ channel: slack.channelId(), timestamp: ts, name: "eyes" });
  expect(await slack.reactions(ts)).toEqual(["eyes"]);
});
