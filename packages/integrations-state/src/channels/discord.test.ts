import { describe, expect, test } from "vitest";
import { discordChannel } from "./discord.ts";
import type { ChannelNotification } from "./notification-channel.ts";
import { textLength } from "./split-text.ts";

const address = new URL("https://discord.com/api/webhooks/1/token?thread_id=7");

function composed(change: Partial<ChannelNotification>) {
  const notification = {
    id: "n1",
    message: "hello",
    priority: "normal",
    attachments: [],
    ...change,
  } as const;
  const { requests, notes } = discordChannel.compose(notification, address);
  const contents = requests.map(({ body }) => body["content"]);
  const embeds = requests.map(({ body }) => body["embeds"]);
  return { requests, contents, embeds, notes };
}

const judged = (status: number, body: string) => discordChannel.judge?.({ status, body });

test("a short message is its content and embeds, mentions nobody and waits to be stored", () => {
  const { requests, notes } = composed({ message: "@everyone <@1> hi", attachments: [{ title: "t" }] });
  expect(requests).toEqual([
    {
      url: new URL("https://discord.com/api/webhooks/1/token?thread_id=7&wait=true"),
      body: {
        content: "@everyone <@1> hi",
        embeds: [{ title: "t" }],
        allowed_mentions: { parse: [] },
      },
    },
  ]);
  expect(notes).toEqual([]);
});

test("only a low priority is sent without a sound", () => {
  const flags = (["low", "normal", "high", "urgent"] as const).map(
    (priority) => composed({ priority }).requests[0]?.body["flags"],
  );
  expect(flags).toEqual([4_096, undefined, undefined, undefined]);
});

describe("a long message", () => {
  test("of exactly 2,000 code points is one", () => {
    expect(composed({ message: "👋".repeat(2_000) }).contents).toEqual(["👋".repeat(2_000)]);
  });

  test("is split by code points, and the embeds come last", () => {
    const { contents, embeds, notes } = composed({
      message: "👋".repeat(2_001),
      attachments: [{ title: "t" }],
    });
    expect(contents).toEqual(["👋".repeat(2_000), "👋"]);
    expect(embeds).toEqual([[], [{ title: "t" }]]);
    expect(notes).toEqual(["The message was split into 2 of at most 2000 characters."]);
  });

  test("of more than ten parts is cut, and says how much", () => {
    const { contents, notes } = composed({ message: "x".repeat(20_005) });
    expect(contents).toHaveLength(10);
    expect(contents.at(-1)).toBe(`${"x".repeat(1_999)}…`);
    expect(notes).toEqual([
      "The message was split into 10 of at most 2000 characters.",
      "The last 6 characters of the message were cut.",
    ]);
  });
});

describe("embeds", () => {
  test("beyond ten go into further messages", () => {
    const attachments = Array.from({ length: 23 }, (_, index) => ({ title: `e${index}` }));
    const { contents, embeds } = composed({ attachments });
    expect(contents).toEqual(["hello", "", ""]);
    expect(embeds.map((list) => (Array.isArray(list) ? list.length : null))).toEqual([10, 10, 3]);
    expect(embeds.flat()).toEqual(attachments);
  });

  test("of more than 6,000 characters together go into further messages", () => {
    const attachments = [3_000, 3_000, 1].map((length) => ({ description: "d".repeat(length) }));
    expect(composed({ attachments }).embeds).toEqual([attachments.slice(0, 2), attachments.slice(2)]);
  });

  test("are cut to their own limits, each cut named", () => {
    const attachment = {
      title: "t".repeat(257),
      author: { name: "a".repeat(300), url: "https://example.com" },
      footer: { text: "f".repeat(10) },
      color: 255,
      fields: Array.from({ length: 26 }, () => ({ name: "n", value: "v", inline: true })),
    };
    const { embeds, notes } = composed({ attachments: [attachment] });
    expect(embeds).toEqual([
      [
        {
          ...attachment,
          title: `${"t".repeat(255)}…`,
          author: { name: `${"a".repeat(255)}…`, url: "https://example.com" },
          fields: attachment.fields.slice(0, 25),
        },
      ],
    ]);
    expect(notes).toEqual([
      "attachments.0.title was cut from 257 to 256 characters.",
      "attachments.0.author.name was cut from 300 to 256 characters.",
      "attachments.0.fields was cut from 26 to 25 fields.",
    ]);
  });

  test("that are too long as a whole lose what comes last", () => {
    const attachment = {
      title: "t".repeat(256),
      description: "d".repeat(5_000),
      footer: { text: "f".repeat(2_048) },
      fields: [{ name: "n", value: "v" }],
    };
    const { embeds, notes } = composed({ attachments: [attachment] });
    expect(notes).toEqual([
      "attachments.0.description was cut from 5000 to 4096 characters.",
      "attachments.0.footer.text was cut from 2048 to 1648 characters.",
      "attachments.0.fields was cut from 1 to 0 fields.",
    ]);
    expect(textsOf(embeds)).toBe(6_000);
  });
});

describe("an answer", () => {
  test.each([
    [200, '{"id":"123","channel_id":"4"}', ["123"]],
    [200, "{}", []],
    [204, "", []],
    [200, '{"id":"not a number"}', []],
  ])("%i %s is a delivery", (status, body, externalIds) => {
    expect(judged(status, body)).toEqual({ status: "delivered", externalIds });
  });

  test.each([
    [404, '{"message":"Unknown Webhook","code":10015}', "discord_10015"],
    [401, '{"message":"Invalid Webhook Token","code":50027}', "discord_50027"],
    [400, '{"content":["Must be 2000 or fewer in length."]}', "http_400"],
    [403, "forbidden", "http_403"],
    [400, '{"message":"?","code":0}', "http_400"],
  ])("%i %s is final and says why", (status, body, code) => {
    expect(judged(status, body)).toMatchObject({ status: "failed", failure: "permanent", code });
  });

  test("429 says in its body how long to wait, to the millisecond", () => {
    const body = '{"message":"You are being rate limited.","retry_after":0.3005,"global":false}';
    expect(judged(429, body)).toMatchObject({ failure: "retryable", code: "http_429", retryAfterMs: 301 });
  });

  test.each(["", "null", "<html>", '{"retry_after":"soon"}', '{"retry_after":-1}'])(
    "429 with %j leaves the wait to its header",
    (body) => {
      const outcome = judged(429, body);
      expect(outcome).toMatchObject({ failure: "retryable", code: "http_429" });
      expect(outcome).not.toHaveProperty("retryAfterMs");
    },
  );

  test("503 may pass", () => {
    expect(judged(503, "{}")).toMatchObject({ failure: "retryable", code: "http_503" });
  });
});

test.each([
  ["https://discord.com/api/webhooks/1/token", null],
  ["http://127.0.0.1:8080/hook", null],
  ["https://discord.com/api/webhooks/1/token/slack", expect.stringContaining("Leave out")],
])("%s as an address: %s", (url, issue) => {
  expect(discordChannel.addressIssue?.(new URL(url))).toEqual(issue);
});

/** How many characters all texts within a value have together. */
function textsOf(value: unknown): number {
  if (typeof value === "string") return textLength(value);
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, one) => sum + textsOf(one), 0);
}
