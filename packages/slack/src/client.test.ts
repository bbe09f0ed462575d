import { silentLogger } from "@core/registry";
import { createManualClock } from "@core/testing";
import type { ManualClock } from "@core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createCallBudget } from "./call-budget.ts";
import type { CallBudget } from "./call-budget.ts";
import { createSlackClient } from "./client.ts";
import type { SlackClient } from "./client.ts";
import { deliveryMetadata } from "./delivery-metadata.ts";
import { createSlackWeb } from "./slack-web.ts";
import { FAKE_BOT_TOKEN, rateLimited, refusal, startFakeSlack } from "./testing.ts";
import type { FakeSlack } from "./testing.ts";

let clock: ManualClock;
let budget: CallBudget;
let slack: FakeSlack;
beforeEach(async () => {
  clock = createManualClock();
  budget = createCallBudget(clock);
  slack = await startFakeSlack({ clock });
});
afterEach(() => slack.close());

/** As one attempt opens it; the budget outlives attempts. */
function client(more: { readonly longestWaitMs?: number } = {}): SlackClient {
  const { signal } = new AbortController();
  const access = { token: FAKE_BOT_TOKEN, team: "T1", budget, fetch, signal, logger: silentLogger };
  return createSlackClient(createSlackWeb({ ...access, apiUrl: slack.apiUrl, ...more }));
}

function post(text: string, channel = slack.channelId(), one = client()): Promise<string> {
  const metadata = deliveryMetadata("delivery-1", { index: 0, of: 1 });
  return one.post({ channel, threadTs: undefined, content: { text }, author: {}, metadata });
}

/** Lets time pass until all is done. */
async function whileTimePasses<Value>(work: Promise<Value>): Promise<Value> {
  let isDone = false;
  void work.finally(() => (isDone = true)).catch(() => {});
  while (!isDone) await clock.elapse(100);
  return work;
}

describe("a message that was posted", () => {
  test("is given another text", async () => {
    const ts = await post("One.");
    await client().edit({ channel: slack.channelId(), ts, content: { text: "Two." } });
    expect(await slack.messages()).toMatchObject([{ ts, text: "Two." }]);
  });

  test("is taken back, once or twice", async () => {
    const message = { channel: slack.channelId(), ts: await post("One.") };
    await client().remove(message);
    await client().remove(message);
    expect(await slack.messages()).toEqual([]);
  });

  test("cannot be changed where it never was, nor taken back by one who may not", async () => {
    const elsewhere = { channel: slack.channelId(), ts: "1700000000.000100" };
    await expect(client().edit({ ...elsewhere, content: { text: "Two." } })).rejects.toThrow(
      "message_not_found",
    );
    slack.meet("chat.delete", refusal("cant_delete_message"));
    await expect(client().remove(elsewhere)).rejects.toThrow("cant_delete_message");
  });
});

describe("below Slack's limits,", () => {
  test("forty posts into two channels arrive in order, none is refused, and none is lost", async () => {
    const channels = ["eng", "ops"].map((name) => slack.channelId(name));
    const all = channels.map(async (channel) => {
      for (let n = 0; n < 20; n += 1) await post(`${n}`, channel);
    });
    await whileTimePasses(Promise.all(all));
    expect(slack.tiersExceeded()).toEqual([]);
    expect(slack.calls).toHaveLength(40);
    for (const channel of channels) {
      const texts = (await slack.messages(undefined, channel)).map(({ text }) => Number(text));
      expect(texts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    }
  });

  test("120 edits stay within their tier", async () => {
    const message = { channel: slack.channelId(), ts: await post("0") };
    const edits = async (): Promise<void> => {
      for (let n = 1; n <= 120; n += 1) {
        await client({ longestWaitMs: 60_000 + 1_000 }).edit({ ...message, content: { text: `${n}` } });
      }
    };
    await whileTimePasses(edits());
    expect(slack.tiersExceeded()).toEqual([]);
    expect(slack.rates().find(({ method }) => method === "chat.update")?.highest).toBe(50);
  });

  test("a call that would have to wait for long is not made, and says how long", async () => {
    for (let n = 0; n < 5; n += 1) await post(`${n}`);
    await expect(post("5", slack.channelId(), client({ longestWaitMs: 1_000 }))).rejects.toMatchObject({
      waitMs: 5_250,
    });
    expect(slack.calls).toHaveLength(5);
  });

  test("a 429 of one method holds that method, and no other", async () => {
    const message = { channel: slack.channelId(), ts: await post("One.") };
    slack.meet("chat.update", rateLimited(30));
    await expect(client().edit({ ...message, content: { text: "Two." } })).rejects.toMatchObject({
      retryAfter: 30,
    });
    await expect(client().edit({ ...message, content: { text: "Two." } })).rejects.toMatchObject({
      waitMs: 30_000,
    });
    await post("Another.");
    expect(clock.pending()).toBe(0);
    clock.advance(30_000);
    await client().edit({ ...message, content: { text: "Two." } });
    expect((await slack.messages()).map(({ text }) => text)).toEqual(["Two.", "Another."]);
  });
});
