import type { Delivery, DeliveryOutcome, SecretPort } from "@core/registry";
import { createDeliveryContext, createFakeContext, deliveryOf } from "@core/testing";
import type { DeliveryDetails, FakeDeliveryContext } from "@core/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FAKE_BOT_TOKEN, startFakeSlack } from "./testing.ts";
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

const secrets: SecretPort = {
  resolve: async (ref) =>
    ({ SLACK_BOT_TOKEN: FAKE_BOT_TOKEN, "installation:T1": FAKE_BOT_TOKEN })[ref] ?? null,
};

const POST = "chat.postMessage";
const ada = { name: "ada", display_name: "Ada", avatar_url: "https://example.com/ada.png" };

type Message = DeliveryDetails<"message", Partial<SlackTarget>>;

function messageTo({ target, ...details }: Message = {}): Delivery<SlackTarget> {
  return deliveryOf({ ...details, target: { channel_id: fixture.channelId(), ...target } });
}

function deliver(
  delivery: Delivery<SlackTarget>,
  context: FakeDeliveryContext = createDeliveryContext(),
  timeoutMs?: number,
): Promise<DeliveryOutcome> {
  const { apiUrl } = fixture;
  const { files, storage } = createFakeContext({ config: {} });
  return createSlackDeliverer(
    createSlackMeans({ fetch, secrets, files, storage, apiUrl, timeoutMs }),
  ).deliver(delivery, context);
}

async function texts(threadTs?: string): Promise<(string | undefined)[]> {
  return (await fixture.messages(threadTs)).map(({ text }) => text);
}

describe("a message", () => {
  test("is posted into the channel, signed by its bot, and can be found again", async () => {
    const context = createDeliveryContext();
    const outcome = await deliver(messageTo({ bot: ada }), context);
    const [posted] = await fixture.messages();
    expect(posted).toMatchObject({
      text: "Hello.",
      username: "Ada",
      metadata: {
        event_type: "agent_delivery",
        event_payload: { delivery_id: "delivery-1", part: 0, parts: 1 },
      },
    });
    expect(outcome).toEqual({ status: "delivered", externalIds: [posted?.ts] });
    expect(context.parts).toEqual([{ index: 0, external_id: posted?.ts, of: 1 }]);
  });

  test("shows its bot's picture, or its emoji", async () => {
    await deliver(messageTo({ bot: ada }));
    await deliver(messageTo({ bot: { ...ada, integration_config: { slack: { icon_emoji: ":owl:" } } } }));
    const [picture, emoji] = fixture.calls.map(({ form }) => form);
    expect(picture).toMatchObject({ icon_url: ada.avatar_url });
    expect(picture).not.toHaveProperty("icon_emoji");
    expect(emoji).toMatchObject({ icon_emoji: ":owl:" });
    expect(emoji).not.toHaveProperty("icon_url");
  });

  test("without a bot is the app's own", async () => {
    await deliver(messageTo());
    expect(Object.keys(fixture.calls[0]?.form ?? {}).toSorted()).toEqual([
      "channel",
      "markdown_text",
      "metadata",
    ]);
  });

  test("goes into a thread", async () => {
    const thread_ts = await fixture.say("What is new?");
    expect(await deliver(messageTo({ target: { thread_ts } }))).toMatchObject({ status: "delivered" });
    expect(await texts(thread_ts)).toEqual(["What is new?", "Hello."]);
    expect(await texts()).toEqual(["What is new?"]);
  });

  test("stays in the channel when the target says so", async () => {
    const thread_ts = await fixture.say("What is new?");
    await deliver(messageTo({ target: { thread_ts, reply_in_thread: false } }));
    expect(await texts()).toEqual(["What is new?", "Hello."]);
  });

  test("calls nobody, whatever its text says", async () => {
    await deliver(messageTo({ payload: { text: "<!channel> <@U1> & co" } }));
    expect(await texts()).toEqual(["&lt;!channel&gt; &lt;@U1&gt; & co"]);
  });

  test("says who has delegated it", async () => {
    await deliver(messageTo({ delegated_by: "Bob" }));
    expect(await texts()).toEqual(["*Delegated by Bob*  \nHello."]);
  });

  test("with no text is skipped without a call", async () => {
    expect(await deliver(messageTo({ payload: { text: " " } }))).toMatchObject({ status: "skipped" });
    expect(fixture.calls).toEqual([]);
  });

  test("is sent with the token of the installation that the target names", async () => {
    expect(await deliver(messageTo({ target: { installation: "T1" } }))).toMatchObject({
      status: "delivered",
    });
    expect(fixture.calls).toMatchObject([{ authorization: `Bearer ${FAKE_BOT_TOKEN}` }]);
  });

  test("without a token is parked without a call", async () => {
    expect(await deliver(messageTo({ target: { installation: "T9" } }))).toMatchObject({
      failure: "misconfigured",
      code: "token_missing",
    });
    expect(fixture.calls).toEqual([]);
  });

  test("to an unknown channel is dead, with what to do", async () => {
    expect(await deliver(messageTo({ target: { channel_id: "C404" } }))).toMatchObject({
      failure: "permanent",
      code: "channel_not_found",
      message: expect.stringContaining("invite the app"),
    });
  });
});

describe("a long text", () => {
  const paragraphs = Array.from({ length: 9 }, (_, index) => `${index} `.repeat(2_700).trim());
  const text = paragraphs.join("\n\n");

  test("becomes several messages, in order, in one thread", async () => {
    const thread_ts = await fixture.say("Tell me all.");
    const context = createDeliveryContext();
    const outcome = await deliver(messageTo({ target: { thread_ts }, payload: { text } }), context);
    const [, ...parts] = await fixture.messages(thread_ts);
    expect(parts.map((part) => part.text).join("\n\n")).toBe(text);
    expect(Math.max(...parts.map((part) => part.text?.length ?? 0))).toBeLessThanOrEqual(12_000);
    expect(context.parts).toEqual(
      parts.map(({ ts }, index) => ({ index, external_id: ts, of: parts.length })),
    );
    expect(outcome).toEqual({ status: "delivered", externalIds: parts.map(({ ts }) => ts) });
  });

  test("goes on behind the parts that an earlier attempt has sent", async () => {
    fixture.meet(POST, null, null, { status: 429, headers: { "retry-after": "3" } });
    const first = createDeliveryContext();
    expect(await deliver(messageTo({ payload: { text }, bot: ada }), first)).toMatchObject({
      failure: "retryable",
      retryAfterMs: 3_000,
    });
    const renamed = { ...ada, display_name: "Ada the Second" };
    const second = createDeliveryContext();
    const retry = messageTo({
      payload: { text },
      bot: renamed,
      delegated_by: "Bob",
      sent_parts: first.parts,
    });
    expect(await deliver(retry, second)).toMatchObject({ status: "delivered" });
    expect((await texts()).join("\n\n")).toBe(text);
    expect(second.parts.map(({ index }) => index)).toEqual([2, 3, 4]);
  });

  test("of which everything was sent is delivered without a call", async () => {
    const context = createDeliveryContext();
    const outcome = await deliver(messageTo({ payload: { text } }), context);
    const calls = fixture.calls.length;
    expect(await deliver(messageTo({ payload: { text }, sent_parts: context.parts }))).toEqual(outcome);
    expect(fixture.calls).toHaveLength(calls);
  });

  test("stops between two parts when the attempt is ended", async () => {
    const ending = new AbortController();
    const context = createDeliveryContext({ signal: ending.signal });
    const stopping = { ...context, partSent: async () => ending.abort() };
    expect(await deliver(messageTo({ payload: { text } }), stopping)).toMatchObject({
      failure: "retryable",
      code: "aborted",
    });
    expect(fixture.calls).toHaveLength(1);
  });

  test("is not sent on when a part could not be noted: that is a lost answer", async () => {
    const context = createDeliveryContext();
    const broken = { ...context, partSent: () => Promise.reject(new Error("no database")) };
    await expect(deliver(messageTo({ payload: { text } }), broken)).rejects.toThrow("no database");
    expect(fixture.calls).toHaveLength(1);
  });
});

describe("without the scope for names", () => {
  const refusal = { body: { ok: false, error: "missing_scope", needed: "chat:write.customize" } };

  test("the app posts under its own name, with the bot's in the first part", async () => {
    fixture.meet(POST, refusal);
    const context = createDeliveryContext();
    const text = `${"one ".repeat(2_500)}\n\n${"two ".repeat(2_500)}`;
    expect(await deliver(messageTo({ bot: ada, payload: { text } }), context)).toMatchObject({
      status: "delivered",
    });
    const [first, second] = await fixture.messages();
    expect(first?.text).toMatch(/^\*\*Ada\*\*: one one/);
    expect(second?.text).toMatch(/^two two/);
    expect([first?.username, second?.username]).toEqual([undefined, undefined]);
    expect(fixture.calls).toHaveLength(3);
    expect(context.logger.entries).toMatchObject([
      { level: "debug", fields: { scope: "chat:write.customize" } },
    ]);
  });

  test("nothing of it is remembered for the next delivery", async () => {
    fixture.meet(POST, refusal);
    await deliver(messageTo({ bot: ada }));
    await deliver(messageTo({ bot: ada }));
    expect((await fixture.messages()).map(({ username }) => username)).toEqual([undefined, "Ada"]);
  });

  test("a second refusal is final", async () => {
    fixture.meet(POST, refusal, refusal);
    expect(await deliver(messageTo({ bot: ada }))).toMatchObject({
      failure: "misconfigured",
      message: expect.stringContaining("chat:write.customize"),
    });
    expect(fixture.calls).toHaveLength(2);
  });

  test("another scope that is missing is no reason to post again", async () => {
    fixture.meet(POST, { body: { ok: false, error: "missing_scope", needed: "chat:write" } });
    expect(await deliver(messageTo({ bot: ada }))).toMatchObject({ failure: "misconfigured" });
    expect(fixture.calls).toHaveLength(1);
  });
});

describe("without Slack's Markdown", () => {
  const refusal = { body: { ok: false, error: "no_text" } };
  const text = ["one ", "two ", "three "].map((word) => `**${word.repeat(500).trim()}**`).join("\n\n");

  function forms(): string[] {
    return fixture.calls.map(({ form }) => (form["markdown_text"] === undefined ? "text" : "markdown_text"));
  }

  test("the same is posted as mrkdwn, in as many messages as that takes", async () => {
    fixture.meet(POST, refusal);
    const context = createDeliveryContext();
    expect(
      await deliver(messageTo({ payload: { text }, bot: ada, delegated_by: "Bob" }), context),
    ).toMatchObject({
      status: "delivered",
    });
    expect(forms()).toEqual(["markdown_text", "text", "text", "text"]);
    expect((await texts()).map((seen) => seen?.slice(0, 25))).toEqual([
      "_Delegated by Bob_\n*one o",
      "*two two two two two two ",
      "*three three three three ",
    ]);
    expect(context.parts.map(({ of }) => of)).toEqual([3, 3, 3]);
  });

  test("a retry goes on behind the last part in the form of the first ones", async () => {
    fixture.meet(POST, refusal, null, { status: 429, headers: { "retry-after": "3" } });
    const first = createDeliveryContext();
    await deliver(messageTo({ payload: { text } }), first);
    const second = createDeliveryContext();
    const retry = messageTo({ payload: { text }, sent_parts: first.parts });
    expect(await deliver(retry, second)).toMatchObject({ status: "delivered" });
    expect(second.parts.map(({ index, of }) => [index, of])).toEqual([
      [1, 3],
      [2, 3],
    ]);
    expect(await fixture.messages()).toHaveLength(3);
  });

  test("a part in the middle that Slack cannot make blocks of keeps its place", async () => {
    fixture.meet(POST, null, { body: { ok: false, error: "invalid_blocks" } });
    const long = Array.from({ length: 4 }, () => text).join("\n\n");
    const context = createDeliveryContext();
    expect(await deliver(messageTo({ payload: { text: long } }), context)).toMatchObject({
      status: "delivered",
    });
    expect(forms()).toEqual(["markdown_text", "markdown_text", ...context.parts.slice(1).map(() => "text")]);
    const words = (seen: string): number => seen.match(/\w+/g)?.length ?? 0;
    expect(words((await texts()).join(" "))).toBe(words(long));
  });

  test("what Slack refuses in mrkdwn, too, has failed", async () => {
    fixture.meet(POST, refusal, refusal);
    expect(await deliver(messageTo())).toMatchObject({ failure: "permanent", code: "no_text" });
    expect(fixture.calls).toHaveLength(2);
  });
});

test("a failed task says what happened, word for word", async () => {
  const error = { code: "timed_out", message: "*It* <!here> took [too](https://example.com) long." };
  const delivery = deliveryOf({ kind: "task_error", payload: { task_id: "t1", error } });
  await deliver({ ...delivery, target: { channel_id: fixture.channelId() } });
  expect(await texts()).toEqual([
    "The task failed (timed_out): \\*It\\* &lt;!here&gt; took \\[too]\\(https\\://example.com) long.",
  ]);
});

describe("one call is one request", () => {
  test.each([
    ["drop_before", "ambiguous", "answer_lost"],
    ["drop_after", "ambiguous", "answer_lost"],
    [{ status: 503 }, "ambiguous", "http_503"],
    [{ body: "<html>Welcome to the hotel</html>" }, "ambiguous", "answer_unreadable"],
    [{ body: { ok: true } }, "ambiguous", "answer_lost"],
    [{ status: 200, body: "null" }, "ambiguous", "answer_lost"],
    [{ status: 404 }, "misconfigured", "http_404"],
    [{ status: 429, headers: { "retry-after": "30" } }, "retryable", "rate_limited"],
    [{ status: 429 }, "retryable", "rate_limited"],
    [{ body: { ok: false, error: "ratelimited" } }, "retryable", "ratelimited"],
    [{ body: { ok: false, error: "token_revoked" } }, "misconfigured", "token_revoked"],
    [{ body: { ok: false, error: "is_archived" } }, "permanent", "is_archived"],
  ] as const)("%j is %s", async (fault, failure, code) => {
    fixture.meet(POST, fault);
    const context = createDeliveryContext();
    const outcome = await deliver(messageTo({ bot: ada }), context);
    expect(outcome).toMatchObject({ status: "failed", failure, code });
    expect(fixture.calls).toHaveLength(1);
    expect(context.parts).toEqual([]);
    expect(JSON.stringify([outcome, context.logger.entries])).not.toContain(FAKE_BOT_TOKEN);
  });

  test("a call that is not answered in time is ambiguous", async () => {
    fixture.meet(POST, "hang");
    expect(await deliver(messageTo(), createDeliveryContext(), 50)).toMatchObject({
      failure: "ambiguous",
      code: "answer_lost",
      message: expect.stringContaining("timeout"),
    });
  });

  test("a call ends when the attempt is ended", async () => {
    fixture.meet(POST, "hang");
    const ending = new AbortController();
    const outcome = deliver(messageTo(), createDeliveryContext({ signal: ending.signal }));
    await fixture.hanging();
    ending.abort(new Error("The server stops."));
    expect(await outcome).toMatchObject({
      failure: "ambiguous",
      message: expect.stringContaining("The server stops."),
    });
  });
});
