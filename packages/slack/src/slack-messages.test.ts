import { createFakeContext } from "@core/testing";
import { WebClient } from "@slack/web-api";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SlackMessageName, SlackMessages } from "./slack-messages.ts";
import { createSlackMessages } from "./slack-messages.ts";
import { FAKE_BOT_TOKEN, rateLimited, refusal, startFakeSlack } from "./testing.ts";
import type { FakeSlack } from "./testing.ts";

let slack: FakeSlack;
let message: SlackMessageName;
beforeAll(async () => {
  slack = await startFakeSlack();
});
beforeEach(async () => {
  await slack.reset();
  const web = new WebClient(FAKE_BOT_TOKEN, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
  const { channel = "", ts = "" } = await web.chat.postMessage({ channel: slack.channelId(), text: "One." });
  message = { channel_id: channel, ts };
});
afterAll(() => slack.close());

function messages(token: string = FAKE_BOT_TOKEN): SlackMessages {
  const context = createFakeContext({ config: {}, secrets: { SLACK_BOT_TOKEN: token } });
  return createSlackMessages({ ...context, http: { fetch }, apiUrl: slack.apiUrl });
}

async function shown(): Promise<(string | undefined)[]> {
  return (await slack.messages()).map(({ text }) => text);
}

describe("a message is given another text", () => {
  test("in Markdown, which calls nobody", async () => {
    const outcome = await messages().edit(message, "**Two.** <!channel>");
    expect(outcome).toEqual({ status: "delivered", externalIds: [message.ts] });
    expect(await shown()).toEqual(["**Two.** &lt;!channel&gt;"]);
  });

  test("as mrkdwn where Slack takes no Markdown", async () => {
    slack.meet("chat.update", refusal("invalid_blocks"));
    expect(await messages().edit(message, "**Two.**")).toMatchObject({ status: "delivered" });
    expect(await shown()).toEqual(["*Two.*"]);
  });

  test("once the stream is ended that a crash has left", async () => {
    const web = new WebClient(FAKE_BOT_TOKEN, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
    const reader = { recipient_team_id: "T1", recipient_user_id: slack.userId() };
    const place = { channel: message.channel_id, thread_ts: message.ts };
    const { ts = "" } = await web.chat.startStream({ ...place, ...reader, markdown_text: "Growing" });
    expect(await messages().edit({ ...message, ts }, "Grown.")).toMatchObject({ status: "delivered" });
    expect((await slack.messages(message.ts))[1]).toMatchObject({ text: "Grown." });
  });

  test.each([
    ["no text", "", "no_text"],
    ["more than one message holds", "word ".repeat(3_000), "msg_too_long"],
  ])("but not with %s", async (_what, text, code) => {
    expect(await messages().edit(message, text)).toMatchObject({ failure: "permanent", code });
    expect(await shown()).toEqual(["One."]);
  });
});

test("a message is taken back, once or twice", async () => {
  expect(await messages().remove(message)).toMatchObject({ status: "delivered" });
  expect(await messages().remove(message)).toMatchObject({ status: "delivered" });
  expect(await shown()).toEqual([]);
});

test.each([
  ["of another app's", refusal("cant_update_message"), "permanent", "cant_update_message"],
  ["too often", rateLimited(3), "retryable", "rate_limited"],
  ["whose answer is lost", "drop_after", "retryable", "answer_lost"],
] as const)("a change %s says so", async (_what, fault, failure, code) => {
  slack.meet("chat.update", fault);
  expect(await messages().edit(message, "Two.")).toMatchObject({ status: "failed", failure, code });
});

test("a token that is refused is told of, and not shown", async () => {
  const outcome = await messages("xoxb-unknown-1").remove(message);
  expect(outcome).toMatchObject({ failure: "misconfigured", code: "invalid_auth" });
  expect(JSON.stringify(outcome)).not.toContain("xoxb-unknown-1");
});
