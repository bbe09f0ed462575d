import { setImmediate } from "node:timers/promises";
import type { Clock, Delivery, Reconciliation } from "@core/registry";
import { systemClock } from "@core/registry";
import { createDeliveryContext, createFakeContext, createManualClock, deliveryOf } from "@core/testing";
import type { DeliveryDetails } from "@core/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FAKE_BOT_TOKEN, POST_ONLY_TOKEN, startFakeSlack } from "./testing.ts";
import type { FakeSlack } from "./testing.ts";
import { createSlackDeliverer } from "./deliverer.ts";
import { createSlackMeans } from "./slack-means.ts";
import type { SlackTarget } from "./slack-target.ts";

let fixture: FakeSlack;
beforeAll(async () => {
  fixture = await startFakeSlack();
});
beforeEach(() => fixture.reset());
afterAll(() => fixture.close());

const POST = "chat.postMessage";
const text = ["one ", "two ", "three "].map((word) => word.repeat(1_900)).join("\n\n");

type Message = DeliveryDetails<"message", Partial<SlackTarget>>;

function messageTo({ target, ...details }: Message = {}): Delivery<SlackTarget> {
  return deliveryOf({ ...details, target: { channel_id: fixture.channelId(), ...target } });
}

function slackWith(
  token: string | null = FAKE_BOT_TOKEN,
  clock: Clock = systemClock,
): ReturnType<typeof createSlackDeliverer> {
  const { files, storage } = createFakeContext({ config: {} });
  const secrets = { resolve: async () => token };
  const means = { fetch, secrets, files, storage, clock, apiUrl: fixture.apiUrl };
  return createSlackDeliverer(createSlackMeans(means));
}

function reconcile(delivery: Delivery<SlackTarget>, token?: string | null): Promise<Reconciliation> {
  return slackWith(token).reconcile(delivery, createDeliveryContext());
}

/** Lets time pass until there is an answer. */
async function reconcilePatiently(delivery: Delivery<SlackTarget>): Promise<Reconciliation> {
  const clock = createManualClock();
  let isOver = false;
  const asked = slackWith(FAKE_BOT_TOKEN, clock)
    .reconcile(delivery, createDeliveryContext())
    .finally(() => (isOver = true));
  const passing = (async () => {
    for (; !isOver; await setImmediate()) await clock.elapse(1_000);
  })();
  await Promise.allSettled([asked, passing]);
  return asked;
}

async function timestamps(threadTs?: string): Promise<string[]> {
  return (await fixture.messages(threadTs)).map(({ ts }) => ts ?? "");
}

describe("after a lost answer", () => {
  test("a message that arrived is found, and not sent again", async () => {
    fixture.meet(POST, "drop_after");
    await slackWith().deliver(messageTo(), createDeliveryContext());
    expect(await reconcile(messageTo())).toEqual({ status: "sent", externalIds: await timestamps() });
    expect(await fixture.messages()).toHaveLength(1);
  });

  test("a message in a thread is found there", async () => {
    const thread_ts = await fixture.say("What is new?");
    const delivery = messageTo({ target: { thread_ts } });
    fixture.meet(POST, "drop_after");
    await slackWith().deliver(delivery, createDeliveryContext());
    const [, posted] = await timestamps(thread_ts);
    expect(await reconcile(delivery)).toEqual({ status: "sent", externalIds: [posted] });
  });

  test("a message that never arrived is known not to be sent", async () => {
    fixture.meet(POST, "drop_before");
    await slackWith().deliver(messageTo(), createDeliveryContext());
    expect(await reconcile(messageTo())).toEqual({ status: "not_sent" });
  });

  test("the messages of other deliveries and of people are not taken for its own", async () => {
    await fixture.say("Hello.");
    await slackWith().deliver(messageTo({ id: "delivery-2" }), createDeliveryContext());
    expect(await reconcile(messageTo())).toEqual({ status: "not_sent" });
  });

  test("a part that arrived unseen is found, and the retry goes on behind it", async () => {
    fixture.meet(POST, null, "drop_after");
    const context = createDeliveryContext();
    const delivery = messageTo({ payload: { text } });
    await slackWith().deliver(delivery, context);
    expect(context.parts).toHaveLength(1);

    const [first = "", second = ""] = await timestamps();
    const parts = [
      { index: 0, external_id: first, of: 3 },
      { index: 1, external_id: second, of: 3 },
    ];
    const retry = { ...delivery, sent_parts: parts };
    expect(await reconcile({ ...delivery, sent_parts: context.parts })).toEqual({
      status: "partly_sent",
      parts,
    });
    await slackWith().deliver(retry, createDeliveryContext());
    expect((await fixture.messages()).map((message) => message.text?.slice(0, 4))).toEqual([
      "one ",
      "two ",
      "thre",
    ]);
  });

  test("a text that is cut otherwise than then is for a person: something may be missing behind its parts", async () => {
    fixture.meet(POST, null, "drop_before");
    const context = createDeliveryContext();
    await slackWith().deliver(messageTo({ payload: { text } }), context);
    const shorter = { ...messageTo({ payload: { text: text.slice(0, 3_000) } }), sent_parts: context.parts };
    expect(await reconcile(shorter)).toEqual({
      status: "unknown",
      reason: "Its text was cut into 3 messages then, and would be into 1 now.",
    });
    expect(await slackWith().deliver(shorter, createDeliveryContext())).toMatchObject({
      failure: "ambiguous",
      code: "text_changed",
    });
    expect(await fixture.messages()).toHaveLength(1);
  });

  test("parts that are known count, though nothing more is there", async () => {
    fixture.meet(POST, null, "drop_before");
    const context = createDeliveryContext();
    const delivery = messageTo({ payload: { text } });
    await slackWith().deliver(delivery, context);
    expect(await reconcile({ ...delivery, sent_parts: context.parts })).toEqual({
      status: "partly_sent",
      parts: context.parts,
    });
  });

  test("a delivery whose parts are all known is not asked for", async () => {
    const context = createDeliveryContext();
    const delivery = messageTo({ payload: { text } });
    await slackWith().deliver(delivery, context);
    const calls = fixture.calls.length;
    expect(await reconcile({ ...delivery, sent_parts: context.parts })).toEqual({
      status: "sent",
      externalIds: await timestamps(),
    });
    expect(fixture.calls).toHaveLength(calls);
  });

  test("a later part without an earlier one is for a person to judge", async () => {
    const delivery = messageTo({ payload: { text } });
    await slackWith().deliver(
      { ...delivery, sent_parts: [{ index: 0 }, { index: 2 }] },
      createDeliveryContext(),
    );
    expect(await reconcile(delivery)).toEqual({ status: "unknown", reason: expect.any(String) });
  });

  test("a delivery that says nothing in Slack was not sent", async () => {
    expect(await reconcile(messageTo({ payload: { text: "" } }))).toEqual({ status: "not_sent" });
    expect(fixture.calls).toEqual([]);
  });
});

describe("the history", () => {
  test("is asked for from five minutes before the delivery was made, with metadata", async () => {
    await reconcile(messageTo({ created_at: "2026-01-01T00:05:00.250Z" }));
    const form = { include_all_metadata: "true", limit: "200", oldest: "1767225600.250000" };
    expect(fixture.calls).toMatchObject([{ method: "conversations.history", form }]);
  });

  test("is read over several pages", async () => {
    fixture.meet(POST, "drop_after");
    await slackWith().deliver(messageTo(), createDeliveryContext());
    await Promise.all(Array.from({ length: 250 }, (_, index) => fixture.say(`${index}`)));
    expect(await reconcile(messageTo())).toMatchObject({ status: "sent" });
    const pages = fixture.calls.filter(({ method }) => method === "conversations.history");
    expect(pages.map(({ form }) => form["cursor"] === undefined)).toEqual([true, false]);
  });

  test("that is too long leaves it to a person", async () => {
    const page = { body: { ok: true, messages: [], response_metadata: { next_cursor: "more" } } };
    fixture.meet("conversations.replies", ...Array.from({ length: 20 }, () => page));
    const delivery = messageTo({ target: { thread_ts: "1.1" } });
    expect(await reconcile(delivery)).toEqual({ status: "unknown", reason: expect.any(String) });
    expect(fixture.calls).toHaveLength(10);
  });

  test("with messages of any form is read without harm", async () => {
    const payload = { delivery_id: "delivery-1", part: "x" };
    const odd = [null, "text", {}, { ts: 7 }, { ts: "1.1", metadata: "x" }];
    const messages = [
      ...odd,
      { ts: "1.1", metadata: { event_type: "agent_delivery", event_payload: payload } },
    ];
    fixture.meet("conversations.history", { body: { ok: true, messages } });
    expect(await reconcile(messageTo())).toEqual({ status: "not_sent" });
  });
});

describe("when Slack does not tell", () => {
  test("without the scope for the history a person decides, and the log says why", async () => {
    const context = createDeliveryContext();
    const answer = await slackWith(POST_ONLY_TOKEN).reconcile(messageTo(), context);
    expect(answer).toEqual({ status: "unknown", reason: expect.any(String) });
    expect(context.logger.entries).toMatchObject([
      { level: "warn", message: expect.stringContaining("channels:history") },
    ]);
  });

  test("with an unknown channel a person decides", async () => {
    expect(await reconcile(messageTo({ target: { channel_id: "C404" } }))).toEqual({
      status: "unknown",
      reason: expect.any(String),
    });
  });

  test("without a token, or with a wrong one, it is asked again once that may be mended", async () => {
    await expect(reconcile(messageTo(), null)).rejects.toThrow("SLACK_BOT_TOKEN");
    fixture.meet("conversations.history", { body: { ok: false, error: "invalid_auth" } });
    await expect(reconcile(messageTo())).rejects.toThrow("invalid_auth");
  });

  describe.each([
    "drop_before",
    { status: 429, headers: { "retry-after": "5" } },
    { status: 429 },
    { status: 503 },
    { body: { ok: false, error: "internal_error" } },
    { body: "<html></html>" },
  ] as const)("because of %j", (fault) => {
    test("twice, it is read all the same", async () => {
      await slackWith().deliver(messageTo(), createDeliveryContext());
      fixture.meet("conversations.history", fault, fault);
      expect(await reconcilePatiently(messageTo())).toMatchObject({ status: "sent" });
    });

    test("for a while, it is asked again later", async () => {
      fixture.meet("conversations.history", fault, fault, fault);
      await expect(reconcilePatiently(messageTo())).rejects.toThrow("Slack could not be asked");
      expect(fixture.calls).toHaveLength(3);
    });
  });

  test("of an attempt that is over, it is asked again later", async () => {
    const ending = new AbortController();
    fixture.meet("conversations.history", "hang");
    const asked = slackWith().reconcile(messageTo(), createDeliveryContext({ signal: ending.signal }));
    await fixture.hanging();
    ending.abort();
    await expect(asked).rejects.toThrow("Slack could not be asked");
    expect(fixture.calls).toHaveLength(1);
  });
});
