import { describe, expect, test } from "vitest";
import type { ChannelNotification } from "./notification-channel.ts";
import { slackChannel } from "./slack.ts";

const address = new URL("https://hooks.slack.com/services/T/B/x");

function bodies(change: Partial<ChannelNotification>) {
  const notification = {
    id: "n1",
    message: "hello",
    priority: "normal",
    attachments: [],
    ...change,
  } as const;
  const { requests, notes } = slackChannel.compose(notification, address);
  return { bodies: requests.map(({ body }) => body), notes };
}

const judged = (status: number, body: string) => slackChannel.judge?.({ status, body });

test("a short message is a text and its attachments, and nothing else", () => {
  const attachments = [{ text: "<https://example.com|a link>", color: "#f00" }];
  expect(bodies({ attachments })).toEqual({ bodies: [{ text: "hello", attachments }], notes: [] });
});

test("nothing in a message takes effect", () => {
  const message = "<!channel> <@U1> a & b &amp; <https://x|y>";
  expect(bodies({ message }).bodies).toEqual([
    {
      text: "&lt;!channel&gt; &lt;@U1&gt; a &amp; b &amp;amp; &lt;https://x|y&gt;",
      attachments: [],
    },
  ]);
});

test("attachments keep their links and call nobody", () => {
  const attachments = [
    { pretext: "<!here> <@U1> <!subteam^S1> <!date^1^{date}|then>", fields: [{ value: "<!channel>" }] },
    {
      blocks: [
        {
          elements: [
            { type: "broadcast", range: "everyone" },
            { type: "user", user_id: "U1" },
          ],
        },
      ],
    },
  ];
  expect(bodies({ attachments }).bodies[0]?.["attachments"]).toEqual([
    {
      pretext: "&lt;!here> &lt;@U1> &lt;!subteam^S1> <!date^1^{date}|then>",
      fields: [{ value: "&lt;!channel>" }],
    },
    {
      blocks: [
        {
          elements: [
            { type: "text", text: "@everyone" },
            { type: "text", text: "@U1" },
          ],
        },
      ],
    },
  ]);
});

test("a long message is split by its escaped length, and the attachments come last", () => {
  const result = bodies({ message: "&".repeat(7_001), attachments: [{ text: "a" }] });
  expect(result.bodies).toEqual([
    { text: "&amp;".repeat(7_000), attachments: [] },
    { text: "&amp;", attachments: [{ text: "a" }] },
  ]);
  expect(result.notes).toEqual(["The message was split into 2 of at most 35000 characters."]);
});

describe("an answer", () => {
  test.each([
    [200, "ok"],
    [200, ""],
    [200, '{"ok":true}'],
    [204, ""],
  ])("%i %j is a delivery", (status, body) => {
    expect(judged(status, body)).toMatchObject({ status: "delivered" });
  });

  test.each([
    [404, "no_service"],
    [403, "action_prohibited"],
    [410, "channel_is_archived"],
    [400, "invalid_payload"],
    [404, "channel_not_found"],
    [400, "something_new"],
    [500, "no_service"],
    [429, "team_disabled"],
    [200, "invalid_payload"],
    [200, '{"ok":false,"error":"channel_not_found"}'],
  ])("%i %j is final and says why", (status, body) => {
    const code = body.startsWith("{") ? "channel_not_found" : body;
    expect(judged(status, body)).toMatchObject({ status: "failed", failure: "permanent", code });
  });

  test.each([
    [500, "rollup_error", "rollup_error"],
    [429, "rate_limited", "rate_limited"],
    [429, "", "http_429"],
    [503, "<html>busy</html>", "http_503"],
    [408, "", "http_408"],
  ])("%i %j may pass", (status, body, code) => {
    expect(judged(status, body)).toMatchObject({ status: "failed", failure: "retryable", code });
  });

  test("with a web page is no delivery", () => {
    expect(judged(200, "<!DOCTYPE html><html></html>")).toMatchObject({
      failure: "permanent",
      code: "unexpected_answer",
    });
  });

  test("with a status and nothing else speaks by its status", () => {
    expect(judged(404, "Not Found")).toMatchObject({ failure: "permanent", code: "http_404" });
    expect(judged(403, "constructor")).toMatchObject({ code: "constructor" });
    expect(judged(200, "constructor")).toMatchObject({ status: "delivered" });
  });
});

test.each([
  ["https://hooks.slack.com/services/T/B/x", null],
  ["https://chat.example.com/hooks/abc", null],
  ["http://127.0.0.1:8080/anything", null],
  ["https://example.slack.com/archives/C1", expect.stringContaining("incoming webhook")],
])("%s as an address: %s", (url, issue) => {
  expect(slackChannel.addressIssue?.(new URL(url))).toEqual(issue);
});
