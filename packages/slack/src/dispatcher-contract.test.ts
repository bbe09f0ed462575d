import {
  createFakeContext,
  createFaultProxy,
  dispatcherContract,
  dispatcherOf,
  numberedText,
} from "@core/testing";
import type { DispatcherHarness, HarnessTools } from "@core/testing";
import { describe, expect, test } from "vitest";
import { FAKE_BOT_TOKEN, startFakeSlack } from "./testing.ts";
import type { FakeSlack } from "./testing.ts";
import { slack } from "./slack.ts";

describe.each([
  ["a channel", false],
  ["a thread", true],
])("into %s", (_, isThread) => {
  const open = (tools: HarnessTools): Promise<DispatcherHarness> => openSlack(tools, isThread);
  const contract = dispatcherContract({ open, longText: numberedText(12_000) });
  test.each(contract.map((check) => [check.name, check] as const))("%s", async (_name, check) => {
    await expect(check.run()).resolves.toBeUndefined();
  });
});

async function openSlack(tools: HarnessTools, isThread: boolean): Promise<DispatcherHarness> {
  const fake = await startFakeSlack({ rateLimits: "observed" });
  const channel_id = fake.channelId();
  const thread_ts = await fake.say(QUESTION);
  const faults = await createFaultProxy(fake.url, {
    match: ({ path }) => path.endsWith("/chat.postMessage"),
  });
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

async function shownIn(fake: FakeSlack, threadTs: string): Promise<{ readonly text: string }[]> {
  const [, ...replies] = await fake.messages(threadTs);
  const messages = (await fake.messages()).filter(({ ts }) => ts !== threadTs);
  return [...messages, ...replies].map(({ text = "" }) => ({ text }));
}
