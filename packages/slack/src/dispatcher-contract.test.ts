import {
  createFakeContext,
  createFaultProxy,
  dispatcherContract,
  dispatcherOf,
  numberedText,
} from "@core/testing";
import type { DispatcherHarness, HarnessTools } from "@core/testing";
import { describe, expect, test } from "vitest";
import type { SlackEmulator } from "./testing/slack-emulator.ts";
import { startSlackEmulator, FAKE_BOT_TOKEN } from "./testing/slack-emulator.ts";
import { slack } from "./slack.ts";

const THREAD = "1730000000.000100";

describe.each([
  ["a channel", {}],
  ["a thread", { thread_ts: THREAD }],
])("into %s", (_, place) => {
  const open = (tools: HarnessTools): Promise<DispatcherHarness> => openSlack(tools, place);
  const contract = dispatcherContract({ open, longText: numberedText(12_000) });
  test.each(contract.map((check) => [check.name, check] as const))("%s", async (_name, check) => {
    await expect(check.run()).resolves.toBeUndefined();
  });
});

async function openSlack(tools: HarnessTools, place: object): Promise<DispatcherHarness> {
  const emulator = await startSlackEmulator();
  const channel_id = emulator.channelId();
  const faults = await createFaultProxy(emulator.url, {
    match: ({ path }) => path.endsWith("/chat.postMessage"),
  });
  const config = { SLACK_API_URL: `${faults.url}/api/` };
  const secrets = { SLACK_BOT_TOKEN: FAKE_BOT_TOKEN, "installation:T1": FAKE_BOT_TOKEN };
  const context = createFakeContext({ ...tools, config, secrets });
  return {
    dispatcher: await dispatcherOf(slack, context),
    restart: () => dispatcherOf(slack, context),
    target: { channel_id, ...place },
    otherTargets: [
      { channel_id, thread_ts: THREAD, reply_in_thread: false },
      { channel_id, thread_ts: THREAD, installation: "T1" },
    ],
    invalidTargets: [{}, { channel_id: "#eng" }, { channel_id, thread_ts: "today" }],
    secrets: [FAKE_BOT_TOKEN],
    receiver: { faults, received: () => shownIn(emulator) },
    async [Symbol.asyncDispose]() {
      await faults.close();
      await emulator.close();
    },
  };
}

async function shownIn(emulator: SlackEmulator): Promise<{ readonly text: string }[]> {
  const messages = [...(await emulator.messages()), ...(await emulator.messages(THREAD))];
  return messages.map(({ text = "" }) => ({ text }));
}
