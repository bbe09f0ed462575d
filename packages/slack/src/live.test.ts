import { parseTarget, textResult } from "@core/registry";
import type { Delivery, DeliveryOutcome, Dispatcher, FileRef, IntegrationContext } from "@core/registry";
import { createDeliveryContext, createFakeContext, dispatcherOf } from "@core/testing";
import { WebClient } from "@slack/web-api";
import { slack } from "@integration/slack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FAKE_BOT_TOKEN, startFakeSlack } from "./testing.ts";

/**
 * Where it runs: in the real channel that SLACK_LIVE_CHANNEL names, with the bot token SLACK_LIVE_TOKEN, which settles
 * what no fake can; otherwise on the fake, so that the test itself stays true. What it posts it takes back.
 */
const live = { token: process.env["SLACK_LIVE_TOKEN"], channel: process.env["SLACK_LIVE_CHANNEL"] };
const isLive = live.token !== undefined && live.channel !== undefined;

interface Place {
  readonly context: IntegrationContext;
  readonly dispatcher: Dispatcher;
  readonly web: WebClient;
  readonly token: string;
  readonly channel: string;
  close(): Promise<void>;
}

let place: Place;
let thread: string;
beforeAll(async () => {
  place = isLive ? await openPlace(live.token ?? "", live.channel ?? "") : await openFake();
  thread = idsOf(await send({ kind: "message", payload: { text: "A test of this integration." } }))[0] ?? "";
});
afterAll(async () => {
  const { messages = [] } = await place.web.conversations.replies({ channel: place.channel, ts: thread });
  const stamps = messages.map(({ ts = "" }) => ts).toReversed();
  for (const ts of stamps) await place.web.chat.delete({ channel: place.channel, ts });
  await place.close();
});

describe.each([isLive ? "a real workspace" : "the fake workspace"])("in %s", () => {
  test("a reply is shown in its thread, and found again when its answer was lost", async () => {
    const delivery = deliveryIn(thread, {
      kind: "message",
      payload: { text: "# Done\n\n**All** of it, `<as>` _planned_." },
    });
    const [ts] = idsOf(await place.dispatcher.deliver(delivery, createDeliveryContext()));
    expect((await repliesIn(thread)).map((message) => message.ts)).toContain(ts);
    expect(await place.dispatcher.reconcile?.(delivery, createDeliveryContext())).toEqual({
      status: "sent",
      externalIds: [ts],
    });
  });

  test("no text calls a channel or a person", async () => {
    const [ts] = idsOf(
      await send({ kind: "message", payload: { text: "<!channel> <!here> <@U0000000000>" } }, thread),
    );
    const message = (await repliesIn(thread)).find((one) => one.ts === ts);
    expect(JSON.stringify(message?.blocks ?? [])).not.toMatch(/"type":"(?:broadcast|user)"/);
    expect(message?.text).not.toMatch(/<[!@]/);
  });

  test("a file comes behind its text with its bytes", async () => {
    const bytes = new TextEncoder().encode("a,b\n1,ß\n");
    const file = await place.context.files.put(ReadableStream.from([bytes]), {
      name: "figures.csv",
      content_type: "text/csv",
    });
    await send(resultWith(file), thread);
    const shown = (await repliesIn(thread)).flatMap(({ files = [] }) => files).at(-1);
    expect(shown?.name).toBe("figures.csv");
    const headers = { authorization: `Bearer ${place.token}` };
    const response = await fetch(shown?.url_private_download ?? shown?.url_private ?? "", { headers });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
  });
});

type Content = Pick<Delivery, "kind" | "payload">;

function resultWith(file: FileRef): Content {
  const result = { ...textResult("The figures."), files: [file] };
  return { kind: "task_result", payload: { task_id: "task-1", result } };
}

async function send(content: Content, threadTs?: string): Promise<DeliveryOutcome> {
  return place.dispatcher.deliver(deliveryIn(threadTs, content), createDeliveryContext());
}

function deliveryIn(threadTs: string | undefined, content: Content): Delivery {
  return {
    id: crypto.randomUUID(),
    dispatch_type: "slack",
    target: { channel_id: place.channel, ...(threadTs !== undefined && { thread_ts: threadTs }) },
    created_at: new Date().toISOString(),
    attempt: 1,
    bot: null,
    origin: null,
    sent_parts: [],
    ...content,
  } as Delivery;
}

function idsOf(outcome: DeliveryOutcome): readonly string[] {
  if (outcome.status !== "delivered") throw new Error(JSON.stringify(outcome));
  return outcome.externalIds ?? [];
}

async function repliesIn(ts: string) {
  const { messages = [] } = await place.web.conversations.replies({ channel: place.channel, ts });
  return messages;
}

async function openFake(): Promise<Place> {
  const fake = await startFakeSlack();
  const opened = await openPlace(FAKE_BOT_TOKEN, fake.channelId(), fake.apiUrl);
  return { ...opened, close: () => fake.close() };
}

async function openPlace(token: string, channel: string, apiUrl?: string): Promise<Place> {
  const config = { ...(apiUrl !== undefined && { SLACK_API_URL: apiUrl }) };
  const context = createFakeContext({ config, secrets: { SLACK_BOT_TOKEN: token } });
  const dispatcher = await dispatcherOf(slack, context);
  const target = await parseTarget(dispatcher, { channel_id: channel });
  if (!target.ok) throw new Error(target.issues.map(({ message }) => message).join(" "));
  const web = new WebClient(token, {
    retryConfig: { retries: 0 },
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
  });
  return { context, dispatcher, web, token, channel, close: async () => {} };
}
