import { createManualClock } from "@core/testing";
import type { WebClient } from "@slack/web-api";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FakeSlack } from "./fake-slack.ts";
import { startFakeSlack } from "./fake-slack.ts";
import { FAKE_TEAM_ID } from "./fake-workspace.ts";
import { clientOf, refusalOf } from "./test-client.ts";

const clock = createManualClock();
let slack: FakeSlack;
let client: WebClient;
let thread: string;
let place: { channel: string; thread_ts: string; recipient_team_id: string; recipient_user_id: string };

beforeAll(async () => {
  slack = await startFakeSlack({ clock, bots: [{ token: "xoxb-other-1", appId: "A2" }] });
  client = clientOf(slack);
});
beforeEach(async () => {
  await slack.reset();
  thread = await slack.say("Tell me all.");
  const reader = { recipient_team_id: FAKE_TEAM_ID, recipient_user_id: slack.userId() };
  place = { channel: slack.channelId(), thread_ts: thread, ...reader };
});
afterAll(() => slack.close());

async function start(text?: string): Promise<{ channel: string; ts: string }> {
  const { ts = "" } = await client.chat.startStream({
    ...place,
    ...(text !== undefined && { markdown_text: text }),
  });
  return { channel: place.channel, ts };
}

describe("a stream", () => {
  test("grows in its thread, and stays as it ended", async () => {
    const stream = await start("One");
    await client.chat.appendStream({ ...stream, markdown_text: ", two" });
    const [, growing] = await slack.messages(thread);
    expect(growing).toMatchObject({ text: "One, two", streaming_state: "in_progress", ts: stream.ts });
    const { message } = await client.chat.stopStream({ ...stream, markdown_text: ", three." });
    expect(message).toMatchObject({ text: "One, two, three.", streaming_state: "completed" });
    const [, ended] = await slack.messages(thread);
    expect(ended).toMatchObject({ text: "One, two, three.", streaming_state: "completed" });
    expect(ended).not.toHaveProperty("edited");
    expect(slack.stream(stream.ts)).toMatchObject({ state: "completed", appends: 3 });
  });

  test("is what the SDK's own streamer makes of it", async () => {
    const streamer = client.chatStream({ ...place, buffer_size: 5 });
    for (const word of ["One", ", two", ", three"]) await streamer.append({ markdown_text: word });
    await streamer.stop({ markdown_text: "." });
    expect((await slack.messages(thread)).map(({ text }) => text)).toEqual([
      "Tell me all.",
      "One, two, three.",
    ]);
  });

  test("loses nothing of what comes at the same time", async () => {
    const stream = await start();
    const words = Array.from({ length: 20 }, (_, n) => `${n} `);
    await Promise.all(words.map((text) => client.chat.appendStream({ ...stream, markdown_text: text })));
    await client.chat.stopStream(stream);
    const [, { text = "" } = {}] = await slack.messages(thread);
    expect(text.trim().split(" ").toSorted()).toEqual(words.map((word) => word.trim()).toSorted());
  });

  test("may begin empty", async () => {
    const stream = await start();
    expect((await slack.messages(thread))[1]).toMatchObject({ text: "", ts: stream.ts });
  });

  test("carries metadata and blocks that its end gives it", async () => {
    const stream = await start("One");
    const metadata = { event_type: "agent_delivery", event_payload: { delivery_id: "1" } };
    await client.chat.stopStream({ ...stream, metadata, blocks: [{ type: "divider" }] });
    expect((await slack.messages(thread))[1]).toMatchObject({
      text: "One",
      metadata,
      blocks: [{ type: "divider" }],
    });
  });

  test("shows tasks and plans, each task as it was last", async () => {
    const stream = await start();
    const task = { type: "task_update", id: "t1", title: "Search" } as const;
    await client.chat.appendStream({ ...stream, chunks: [{ ...task, status: "in_progress" }] });
    await client.chat.appendStream({
      ...stream,
      chunks: [
        { ...task, status: "complete" },
        { type: "markdown_text", text: "Found." },
      ],
    });
    expect(slack.stream(stream.ts)).toMatchObject({
      text: "Found.",
      chunks: [{ id: "t1", status: "complete" }],
    });
  });

  test("in a direct message needs no recipient", async () => {
    const channel = await slack.directMessageId();
    const thread_ts = await slack.say("Hello?", { channel });
    expect(await refusalOf(client.chat.startStream({ channel, thread_ts, markdown_text: "Hi." }))).toBe("");
  });
});

describe("starting is refused", () => {
  test.each([
    ["recipient_team_id", "missing_recipient_team_id"],
    ["recipient_user_id", "missing_recipient_user_id"],
    ["thread_ts", "invalid_arguments"],
    ["channel", "invalid_arguments"],
  ] as const)("without %s", async (name, code) => {
    const { [name]: _left, ...rest } = place;
    expect(await refusalOf(client.apiCall("chat.startStream", rest))).toBe(code);
  });

  test.each([
    ["a thread that is not there", { thread_ts: "1700000000.000001" }, "thread_not_found"],
    ["a thread that cannot be", { thread_ts: "0" }, "invalid_thread_ts"],
    ["an unknown channel", { channel: "C404" }, "channel_not_found"],
    ["more text than one call may carry", { markdown_text: "x".repeat(12_001) }, "msg_too_long"],
    ["more text than a message holds", { markdown_text: "x".repeat(11_601) }, "msg_too_long"],
    ["text and chunks", { markdown_text: "x", chunks: [] }, "invalid_arguments"],
    ["chunks of no known type", { chunks: [{ type: "song" }] }, "invalid_chunks"],
    [
      "a task in no known state",
      { chunks: [{ type: "task_update", id: "1", title: "x", status: "?" }] },
      "invalid_chunks",
    ],
    [
      "too many blocks",
      { chunks: [{ type: "blocks", blocks: Array.from({ length: 51 }, () => ({ type: "divider" })) }] },
      "invalid_chunks",
    ],
    ["an unknown way to show tasks", { task_display_mode: "opera" }, "invalid_arguments"],
  ])("with %s", async (_name, change, code) => {
    expect(await refusalOf(client.apiCall("chat.startStream", { ...place, ...change }))).toBe(code);
    expect(await slack.messages(thread)).toHaveLength(1);
  });
});

describe("a stream takes no more", () => {
  test("when it holds as much as a message does, counted in bytes", async () => {
    const stream = await start("é".repeat(5_000));
    expect(await refusalOf(client.chat.appendStream({ ...stream, markdown_text: "é".repeat(801) }))).toBe(
      "msg_too_long",
    );
    expect(await refusalOf(client.chat.appendStream({ ...stream, markdown_text: "é".repeat(800) }))).toBe("");
    const task = { type: "task_update", id: "1", title: "Also counts", status: "pending" } as const;
    expect(await refusalOf(client.chat.appendStream({ ...stream, chunks: [task] }))).toBe("msg_too_long");
    expect(await refusalOf(client.chat.stopStream({ ...stream }))).toBe("");
  });

  test("after five minutes, and keeps what it had", async () => {
    const stream = await start("One");
    clock.advance(299_999);
    expect(await refusalOf(client.chat.appendStream({ ...stream, markdown_text: ", two" }))).toBe("");
    clock.advance(1);
    const late = client.chat.appendStream({ ...stream, markdown_text: ", three" });
    expect(await refusalOf(late)).toBe("message_not_in_streaming_state");
    expect((await slack.messages(thread))[1]).toMatchObject({
      text: "One, two",
      streaming_state: "completed",
    });
  });

  test("when it has ended", async () => {
    const stream = await start("One");
    await client.chat.stopStream(stream);
    expect(await refusalOf(client.chat.stopStream(stream))).toBe("message_not_in_streaming_state");
  });

  test("when Slack or a person has closed it", async () => {
    const [first, second, third] = [await start("One"), await start("Two"), await start("Three")];
    slack.endStream(first.ts);
    slack.endStream(second.ts, "user");
    slack.pressStop(thread);
    const append = (stream: typeof first): Promise<string> =>
      refusalOf(client.chat.appendStream({ ...stream, markdown_text: "more" }));
    expect(await append(first)).toBe("message_not_in_streaming_state");
    expect(await append(second)).toBe("stopped_by_user");
    expect(await append(third)).toBe("stopped_by_user");
  });

  test("from another app, or when it never was one", async () => {
    const stream = await start("One");
    const other = clientOf(slack, "xoxb-other-1");
    expect(await refusalOf(other.chat.appendStream({ ...stream, markdown_text: "x" }))).toBe(
      "message_not_owned_by_app",
    );
    const plain = { channel: place.channel, ts: thread, markdown_text: "x" };
    expect(await refusalOf(client.chat.appendStream(plain))).toBe("message_not_in_streaming_state");
    const gone = { ...plain, ts: "1700000000.000001" };
    expect(await refusalOf(client.chat.appendStream(gone))).toBe("message_not_found");
  });
});

test("a message cannot be edited while it streams, and can afterwards", async () => {
  const stream = await start("One");
  expect(await refusalOf(client.chat.update({ ...stream, text: "Two" }))).toBe("streaming_state_conflict");
  await client.chat.stopStream(stream);
  await client.chat.update({ ...stream, text: "Two" });
  expect((await slack.messages(thread))[1]).toMatchObject({ text: "Two", edited: expect.anything() });
});

describe("the agent's session", () => {
  test("has the status that the app gives it, and is active when a stream ends", async () => {
    const session = { channel_id: place.channel, thread_ts: thread };
    await client.agents.sessions.setStatus({ ...session, status: "suspended", title: "All of it" });
    expect(slack.session(thread)).toEqual({ status: "suspended", title: "All of it" });
    await client.agents.sessions.rename({ ...session, title: "Everything" });
    const [first, second] = [await start("One"), await start("Two")];
    expect(slack.session(thread)).toEqual({ status: "processing", title: "Everything" });
    await client.apiCall("chat.stopStream", { ...first, session_status: "processing" });
    expect(slack.session(thread)).toEqual({ status: "processing", title: "Everything" });
    await client.chat.stopStream(second);
    expect(slack.session(thread)?.status).toBe("active");
  });

  test("is believed to be at work for an hour", async () => {
    await start("One");
    clock.advance(3_599_999);
    expect(slack.session(thread)?.status).toBe("processing");
    clock.advance(1);
    expect(slack.session(thread)?.status).toBe("active");
  });

  test("is not changed by the Stop button: that is the app's to do", async () => {
    const stream = await start("One");
    slack.pressStop(thread);
    expect(slack.stream(stream.ts)?.state).toBe("stopped_by_user");
    expect(slack.session(thread)?.status).toBe("processing");
  });

  test("takes no unknown status", async () => {
    const session = { channel_id: place.channel, thread_ts: thread };
    expect(await refusalOf(client.agents.sessions.setStatus({ ...session, status: "asleep" }))).toBe(
      "invalid_arguments",
    );
  });
});

describe("the line under a thread", () => {
  const isThinking = (): Promise<unknown> =>
    client.assistant.threads.setStatus({
      channel_id: place.channel,
      thread_ts: thread,
      status: "is thinking…",
    });

  test("is gone with the next post in it", async () => {
    await isThinking();
    expect(slack.threadStatus(thread)).toBe("is thinking…");
    await client.chat.postMessage({ channel: place.channel, thread_ts: thread, text: "Done." });
    expect(slack.threadStatus(thread)).toBe("");
  });

  test("is gone after two minutes", async () => {
    await isThinking();
    clock.advance(119_999);
    expect(slack.threadStatus(thread)).toBe("is thinking…");
    clock.advance(1);
    expect(slack.threadStatus(thread)).toBe("");
  });

  test("changes at most ten times by itself", async () => {
    const status = { channel_id: place.channel, thread_ts: thread, status: "x" };
    const loading_messages = Array.from({ length: 11 }, (_, index) => `${index}`);
    expect(await refusalOf(client.assistant.threads.setStatus({ ...status, loading_messages }))).toBe(
      "invalid_arguments",
    );
  });
});
