import {
  createFakeContext,
  createFaultProxy,
  dispatcherContract,
  dispatcherOf,
  numberedText,
} from "@core/testing";
import type { DispatcherHarness, HarnessTools, ReceivedMessage } from "@core/testing";
import { describe, expect, test } from "vitest";
import { slackOrigin } from "./slack-origin.ts";
import { FAKE_BOT_TOKEN, FAKE_TEAM_ID, startFakeSlack } from "./testing.ts";
import type { FakeSlack } from "./testing.ts";
import { slack } from "./slack.ts";

describe.each([
  ["a channel", { isThread: false, hasReader: false }],
  ["a thread, where messages are edited", { isThread: true, hasReader: false }],
  ["a thread, by Slack's own streams", { isThread: true, hasReader: true }],
])("into %s", (_, place) => {
  const open = (tools: HarnessTools): Promise<DispatcherHarness> => openSlack(tools, place);
  const contract = dispatcherContract({ open, longText: numberedText(12_000) });
  test.each(contract.map((check) => [check.name, check] as const))("%s", async (_name, check) => {
    await expect(check.run()).resolves.toBeUndefined();
  });
});

interface Place {
  readonly isThread: boolean;
  /** Whether Slack can be told whom it answers, so that it streams. */
  readonly hasReader: boolean;
}

async function openSlack(tools: HarnessTools, { isThread, hasReader }: Place): Promise<DispatcherHarness> {
  const fake = await startFakeSlack({ rateLimits: "observed" });
  const channel_id = fake.channelId();
  const thread_ts = await fake.say(QUESTION);
  const faults = await createFaultProxy(fake.url, {
    match: ({ path }) => SHOWING.test(path),
  });
  const reader = hasReader ? { team_id: FAKE_TEAM_ID, user_id: fake.userId() } : {};
  const config = { SLACK_API_URL: `${faults.url}/api/` };
  const secrets = { SLACK_BOT_TOKEN: FAKE_BOT_TOKEN, "installation:T1": FAKE_BOT_TOKEN };
  const context = createFakeContext({ ...tools, config, secrets });
  return {
    dispatcher: await dispatcherOf(slack, context),
    restart: () => dispatcherOf(slack, context),
    target: isThread ? { channel_id, thread_ts } : { channel_id },
    otherTargets: [
      { channel_id, thread_ts, reply_in_thread: false },
      { channel_id, thread_ts, installation: "T1" },
    ],
    origin: slackOrigin({ channel_id, message_ts: thread_ts, ...reader }),
    invalidTargets: [{}, { channel_id: "#eng" }, { channel_id, thread_ts: "today" }],
    secrets: [FAKE_BOT_TOKEN],
    receiver: { faults, received: () => shownIn(fake, thread_ts) },
    async [Symbol.asyncDispose]() {
      await faults.close();
      await fake.close();
    },
  };
}

const QUESTION = "What is new?";

/** The calls that show a text, whole or while it grows. */
const SHOWING = /\/chat\.(postMessage|startStream|appendStream|stopStream|update)$/;

async function shownIn(fake: FakeSlack, threadTs: string): Promise<readonly ReceivedMessage[]> {
  const [, ...replies] = await fake.messages(threadTs);
  const messages = (await fake.messages()).filter(({ ts }) => ts !== threadTs);
  return [...messages, ...replies].map(({ text = "", streaming_state: state }) => ({
    text,
    isGrowing: state === "in_progress",
  }));
}
