import type {
  Delivery,
  DeliveryOutcome,
  GrowingDelivery,
  Reconciliation,
  SentPart,
  StreamSink,
} from "@core/registry";
import { textResult } from "@core/registry";
import {
  createDeliveryContext,
  createFakeContext,
  createFakeHost,
  createManualClock,
  deliveryOf,
} from "@core/testing";
import type { FakeDeliveryContext, FakeHost, ManualClock } from "@core/testing";
import { WebClient } from "@slack/web-api";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createWatchedFetch } from "../../test/watched-fetch.ts";
import { createSlackDeliverer } from "../deliverer.ts";
import type { SlackMeans } from "../slack-means.ts";
import { createSlackMeans } from "../slack-means.ts";
import { slackOrigin } from "../slack-origin.ts";
import type { SlackTarget } from "../slack-target.ts";
import {
  FAKE_BOT_TOKEN,
  FAKE_TEAM_ID,
  lackOfScope,
  rateLimited,
  refusal,
  startFakeSlack,
} from "../testing.ts";
import type { FakeSlack } from "../testing.ts";
import { openFence } from "./open-fence.ts";
import { createSlackStreamer } from "./slack-streamer.ts";

const POST = "chat.postMessage";
const START = "chat.startStream";
const APPEND = "chat.appendStream";

const OTHER_APP_TOKEN = "xoxb-another-app-1";

type Wait = Parameters<ManualClock["after"]>;

/** A new one for each test, so that none is woken by what another has left. */
let clock: ManualClock;
let slack: FakeSlack;
let thread: string;
let host: FakeHost;
let access: SlackMeans;
/** The one of a whole process. */
let streamer: ReturnType<typeof createSlackStreamer>;
const watched = createWatchedFetch();
beforeAll(async () => {
  slack = await startFakeSlack({
    bots: [{ token: OTHER_APP_TOKEN, appId: "A2" }],
    clock: { now: () => clock.now(), after: (...wait: Wait) => clock.after(...wait) },
    limits: { "chat.postMessage/channel": { calls: 50, perMs: 5_000 } },
  });
});
beforeEach(async () => {
  clock = createManualClock();
  host = createFakeHost();
  const { files, storage } = createFakeContext({ config: {} });
  const secrets = { resolve: async () => FAKE_BOT_TOKEN };
  access = createSlackMeans({ fetch: watched.fetch, secrets, files, storage, clock, apiUrl: slack.apiUrl });
  streamer = createSlackStreamer({ access, host });
  await slack.reset();
  thread = await slack.say("Tell me all.");
});
afterAll(() => slack.close());

interface Run {
  readonly sink: StreamSink;
  readonly context: FakeDeliveryContext;
  /** Appends, and waits until it is shown or has to wait. */
  append(text: string, thenMs?: number): Promise<void>;
  /** The task is complete: the whole text is delivered. */
  complete(text: string): Promise<DeliveryOutcome>;
  /** The server asks what has arrived, as after a crash. */
  reconcile(text: string): Promise<Reconciliation>;
}

interface RunOptions {
  readonly id?: string;
  /** Whether Slack can be told whom it answers. */
  readonly hasReader?: boolean;
  readonly threadTs?: string | undefined;
  /** The message that is answered; default: the thread's first. */
  readonly asked?: string;
  readonly sentParts?: readonly SentPart[];
  readonly context?: FakeDeliveryContext;
}

function run({
  id = "delivery-1",
  hasReader = true,
  threadTs = thread,
  asked = thread,
  sentParts = [],
  ...options
}: RunOptions = {}): Run {
  const context = options.context ?? createDeliveryContext({ clock });
  const channel_id = slack.channelId();
  const reader = hasReader ? { team_id: FAKE_TEAM_ID, user_id: slack.userId() } : {};
  const delivery: Delivery<SlackTarget> = deliveryOf({
    id,
    kind: "task_result",
    target: { channel_id, thread_ts: threadTs },
    origin: slackOrigin({ channel_id, message_ts: asked, ...reader }),
    sent_parts: sentParts,
  });
  const growing: GrowingDelivery<SlackTarget> = { ...delivery, task_id: "task-1" };
  const sink = streamer(growing, context);
  const completed = (text: string): Delivery<SlackTarget> => ({
    ...delivery,
    kind: "task_result",
    payload: { task_id: "task-1", result: textResult(text) },
    sent_parts: [...sentParts, ...context.parts],
  });
  return {
    sink,
    context,
    async append(text, thenMs = 1_000) {
      sink.append(text);
      await clock.elapse(thenMs);
      await watched.idle();
    },
    complete: (text) => createSlackDeliverer(access).deliver(completed(text), context),
    reconcile: (text) => createSlackDeliverer(access).reconcile(completed(text), context),
  };
}

async function shown(threadTs = thread): Promise<(string | undefined)[]> {
  const [, ...messages] = await slack.messages(threadTs);
  return messages.map(({ text }) => text);
}

function methods(): string[] {
  return slack.calls.map(({ method }) => method);
}

/** What the same text looks like when nothing of it was shown before. */
async function delivered(text: string): Promise<(string | undefined)[]> {
  const elsewhere = await slack.say("Tell me all, at once.");
  clock.advance(60_000);
  const direct = run({ threadTs: elsewhere });
  expect(await direct.complete(text)).toMatchObject({ status: "delivered" });
  return shown(elsewhere);
}

function lines(count: number): string {
  return Array.from({ length: count }, (_, index) => `Line ${index} is about as long as lines are.`).join(
    "\n",
  );
}

describe("a native stream", () => {
  test("grows in its thread, and its completion needs no call", async () => {
    const { sink, context, append, complete } = run();
    await append("One");
    expect(await slack.messages(thread)).toMatchObject([{}, { text: "One", streaming_state: "in_progress" }]);
    await append(", two");
    await append(", three.");
    await sink.finish();
    const ts = context.parts.at(-1)?.external_id;
    expect(slack.stream(ts ?? "")).toMatchObject({ state: "completed", text: "One, two, three." });
    const calls = slack.calls.length;
    expect(await complete("One, two, three.")).toEqual({ status: "delivered", externalIds: [ts] });
    expect(slack.calls).toHaveLength(calls);
    expect(clock.pending()).toBe(0);
  });

  test("is signed by its bot, and calls nobody", async () => {
    const { append } = run();
    await append("<!channel> & <@U1>");
    expect(await shown()).toEqual(["&lt;!channel> &amp; &lt;@U1>"]);
  });

  test("takes what comes close together in one call, one call at a time", async () => {
    const { sink, append } = run();
    await append("Begin.");
    slack.meet(APPEND, { lateMs: 3_000 });
    sink.append(" first");
    await clock.elapse(1_000);
    for (let word = 0; word < 50; word += 1) sink.append(` ${word}`);
    await clock.elapse(2_000);
    await clock.elapse(3_000);
    await watched.idle();
    await sink.finish();
    const words = Array.from({ length: 50 }, (_, word) => ` ${word}`).join("");
    expect(await shown()).toEqual([`Begin. first${words}`]);
    expect(methods().filter((method) => method === APPEND)).toHaveLength(2);
  });

  test("that is over before it has begun is one message in the end", async () => {
    const { sink, complete } = run();
    sink.append("Short.");
    await sink.finish();
    expect(slack.calls).toEqual([]);
    await complete("Short.");
    expect(await shown()).toEqual(["Short."]);
  });

  test("goes on in another message when one is full, and its session stays at work", async () => {
    const { sink, append, complete } = run();
    const text = lines(600);
    for (let at = 0; at < text.length; at += 3_000) {
      await append(text.slice(at, at + 3_000));
      if (at === 15_000) expect(slack.session(thread)).toMatchObject({ status: "processing" });
    }
    await sink.finish();
    expect((await shown()).join("")).toBe(text);
    expect(slack.session(thread)).toMatchObject({ status: "active" });
    expect(slack.calls.every(({ fault }) => fault === null)).toBe(true);
    await complete(text);
    expect(await shown()).toEqual(await delivered(text));
  });

  test("counts bytes, and cuts no character in half", async () => {
    const { sink, append } = run();
    const text = "😀".repeat(7_000);
    for (let at = 0; at < text.length; at += 777) await append(text.slice(at, at + 777));
    await sink.finish();
    const parts = await shown();
    expect(parts.join("")).toBe(text);
    expect(parts.every((part = "") => part.isWellFormed())).toBe(true);
  });

  test("closes a fence at the end of a message, and opens it in the next one", async () => {
    const { sink, append } = run();
    await append("Look:\n```ts\n");
    const code = lines(400);
    for (let at = 0; at < code.length; at += 4_000) await append(code.slice(at, at + 4_000));
    await append("\n```\nThat is all.");
    await sink.finish();
    const parts = await shown();
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map((part = "") => openFence(part))).toEqual(parts.map(() => null));
    expect(parts.slice(1).every((part = "") => part.startsWith("```ts\nLine"))).toBe(true);
  });

  test("is closed before Slack does it, and goes on in another message", async () => {
    const { sink, append, complete } = run();
    await append("One.");
    await clock.elapse(240_000);
    await watched.idle();
    expect(slack.session(thread)).toMatchObject({ status: "processing" });
    await append(" Two.");
    await sink.finish();
    expect(await shown()).toEqual(["One.", " Two."]);
    await complete("One. Two.");
    expect(await shown()).toEqual(["One. Two."]);
  });

  test("that Slack has closed goes on with what is not confirmed", async () => {
    const { sink, context, append, complete } = run();
    await append("One.");
    slack.endStream(context.parts.at(-1)?.external_id ?? "", "slack");
    await append(" Two.", 3_000);
    await sink.finish();
    expect(await shown()).toEqual(["One.", " Two."]);
    await complete("One. Two.");
    expect(await shown()).toEqual(["One. Two."]);
  });

  test("that a person stops cancels its task, and shows nothing more", async () => {
    const { sink, context, append } = run();
    await append("One.");
    slack.endStream(context.parts.at(-1)?.external_id ?? "", "user");
    await append(" Two.");
    await append(" Three.");
    await sink.finish();
    expect(await shown()).toEqual(["One."]);
    expect(host.cancelled).toEqual(["task-1"]);
    expect(clock.pending()).toBe(0);
  });

  test("whose answer was lost is not repeated, and put right in the end", async () => {
    const { sink, append, complete } = run();
    await append("One.");
    slack.meet(APPEND, "drop_after", "drop_before");
    await append(" Two.");
    await append(" Three.");
    await append(" Four.");
    await sink.finish();
    expect(await shown()).toEqual(["One. Two. Four."]);
    await complete("One. Two. Three. Four.");
    expect(await shown()).toEqual(["One. Two. Three. Four."]);
  });

  test("waits when Slack asks it to, and loses nothing", async () => {
    const { sink, append } = run();
    await append("One.");
    slack.meet(APPEND, rateLimited(10));
    await append(" Two.");
    await append(" Three.");
    expect(await shown()).toEqual(["One."]);
    await clock.elapse(10_000);
    await watched.idle();
    await sink.finish();
    expect(await shown()).toEqual(["One. Two. Three."]);
  });
});

describe("where Slack has no streams", () => {
  test.each([
    ["for the app", { hasReader: true }, refusal("feature_not_enabled")],
    ["without a reader", { hasReader: false }, null],
  ])("%s, a message is edited, once a second at most", async (_why, options, fault) => {
    slack.meet(START, fault);
    const { sink, append, complete } = run(options);
    await append("One.");
    for (const word of [" Two.", " Three.", " Four."]) await append(word, 250);
    await clock.elapse(1_000);
    await watched.idle();
    await sink.finish();
    expect(await shown()).toEqual(["One. Two. Three. Four."]);
    expect(methods().filter((method) => method.startsWith("chat.") && method !== START).length).toBeLessThan(
      4,
    );
    const calls = slack.calls.length;
    await complete("One. Two. Three. Four.");
    expect(slack.calls).toHaveLength(calls);
  });

  test("a new message takes what one edit may not hold", async () => {
    const { sink, append, complete } = run({ hasReader: false });
    const text = lines(400);
    for (let at = 0; at < text.length; at += 2_000) await append(text.slice(at, at + 2_000));
    await sink.finish();
    const parts = await shown();
    expect(parts.join("")).toBe(text);
    expect(Math.max(...parts.map((part = "") => part.length))).toBeLessThanOrEqual(12_000);
    await complete(text);
    expect(await shown()).toEqual(await delivered(text));
  });

  test("and nothing can be posted, it is said once in the end", async () => {
    slack.meet(START, refusal("feature_not_enabled"));
    slack.meet("chat.postMessage", refusal("restricted_action"));
    const { sink, append, complete } = run();
    await append("One.");
    await append(" Two.");
    await sink.finish();
    expect(await shown()).toEqual([]);
    await complete("One. Two.");
    expect(await shown()).toEqual(["One. Two."]);
  });
});

describe("in the end", () => {
  test("the messages say what the result says, though it is another one", async () => {
    const { sink, append, complete } = run();
    const text = lines(400);
    for (let at = 0; at < text.length; at += 4_000) await append(text.slice(at, at + 4_000));
    await sink.finish();
    expect((await shown()).length).toBeGreaterThan(1);
    expect(await complete("It was all wrong.")).toMatchObject({ status: "delivered" });
    expect(await shown()).toEqual(["It was all wrong."]);
  });

  test("a second attempt changes nothing more", async () => {
    const { sink, append, complete } = run();
    await append("One.");
    await sink.finish();
    slack.meet("chat.update", "drop_after");
    expect(await complete("Two.")).toMatchObject({ failure: "retryable", code: "answer_lost" });
    expect(await complete("Two.")).toMatchObject({ status: "delivered" });
    const calls = slack.calls.length;
    expect(await complete("Two.")).toMatchObject({ status: "delivered" });
    expect(slack.calls).toHaveLength(calls);
    expect(await shown()).toEqual(["Two."]);
  });

  test.each([
    ["can be taken back", null, ["Two."]],
    ["cannot be taken back either", refusal("cant_delete_message"), ["One.", "Two."]],
  ])(
    "instead of a message that cannot be changed and %s, another one is posted, once only",
    async (_which, fault, messages) => {
      const { sink, context, append, complete } = run();
      await append("One.");
      await sink.finish();
      slack.meet("chat.update", refusal("cant_update_message"));
      slack.meet("chat.delete", fault);
      expect(await complete("Two.")).toMatchObject({ status: "delivered" });
      expect(await shown()).toEqual(messages);
      const calls = slack.calls.length;
      expect(await complete("Two.")).toMatchObject({ status: "delivered" });
      expect(slack.calls).toHaveLength(calls);
      expect(context.parts.at(-1)).toMatchObject({ index: 0, of: 1 });
    },
  );

  test("what a crashed run has shown is put right, and the next run shows nothing beside it", async () => {
    const crashed = run();
    await crashed.append("The first run says one thing");
    const next = run({
      sentParts: crashed.context.parts,
      context: createDeliveryContext({ clock: createManualClock() }),
    });
    next.sink.append("The second run says another.");
    await next.context.clock.elapse(5_000);
    await watched.idle();
    await next.sink.finish();
    expect(await next.reconcile("The second run says another.")).toMatchObject({ status: "partly_sent" });
    expect(await next.complete("The second run says another.")).toMatchObject({ status: "delivered" });
    expect(await shown()).toEqual(["The second run says another."]);
  });

  test.each([
    ["before it is shown shows nothing", 0, []],
    ["once it is shown ends the show", 1, [{ text: "One.", streaming_state: "completed" }]],
  ])("a part that cannot be noted %s, and the run goes on", async (_when, noted, messages) => {
    const context = createDeliveryContext({ clock });
    const note: FakeDeliveryContext["partSent"] = async (part) => {
      if (context.parts.length === noted) throw new Error("no lease");
      await context.partSent(part);
    };
    const { sink, append } = run({ context: { ...context, partSent: note } });
    await append("One.");
    await append(" Two.");
    await expect(sink.finish()).resolves.toBeUndefined();
    expect((await slack.messages(thread)).slice(1)).toMatchObject(messages);
  });
});

describe("a beginning whose answer was lost", () => {
  test.each([
    ["a stream that has begun", START, "drop_after", true],
    ["a stream that has not", START, "drop_before", true],
    ["a message that has begun", POST, "drop_after", false],
    ["a message that has not", POST, "drop_before", false],
  ] as const)(
    "of %s is found in the end, and the reply is there once",
    async (_what, method, fault, hasReader) => {
      slack.meet(method, fault);
      const { sink, append, complete } = run({ hasReader });
      await append("One.");
      await append(" Two.");
      await sink.finish();
      expect(await shown()).toEqual(fault === "drop_after" ? ["One."] : []);
      const begun = (await slack.messages(thread))[1]?.ts;
      const outcome = await complete("One. Two.");
      expect(await shown()).toEqual(["One. Two."]);
      const [, message] = await slack.messages(thread);
      expect(outcome).toEqual({ status: "delivered", externalIds: [message?.ts] });
      if (begun !== undefined) expect(message?.ts).toBe(begun);
      const calls = slack.calls.length;
      await complete("One. Two.");
      expect(slack.calls).toHaveLength(calls);
    },
  );

  test("of the next message of a long stream is found, too", async () => {
    const { sink, append, complete } = run();
    await append("One.");
    slack.meet(START, "drop_after");
    await clock.elapse(240_000);
    await watched.idle();
    await append(" Two.");
    await sink.finish();
    expect(await shown()).toEqual(["One.", " Two."]);
    await complete("One. Two.");
    expect(await shown()).toEqual(["One. Two."]);
  });

  test("as the process died is found by the next one", async () => {
    const crashed = run();
    slack.meet(START, "drop_after");
    await crashed.append("The first run says one thing");
    const next = run({ sentParts: [{ index: 0, shows: "" }] });
    await next.append("The second run says another.");
    await next.sink.finish();
    expect(await next.complete("The second run says another.")).toMatchObject({ status: "delivered" });
    expect(await shown()).toEqual(["The second run says another."]);
  });

  test("is told from all other streams in its thread", async () => {
    await startStream(FAKE_BOT_TOKEN, "Stopped before it was asked.");
    slack.pressStop(thread);
    const asked = await slack.say("And now?", { threadTs: thread });
    await startStream(OTHER_APP_TOKEN, "By another app.");
    const other = run({ id: "delivery-2", asked });
    await other.append("Another reply.");
    await other.sink.finish();
    slack.meet(START, "drop_before");
    const { sink, append, complete } = run({ asked });
    await append("One.");
    await sink.finish();
    const before = await shown();
    await complete("One.");
    expect(await shown()).toEqual([...before, "One."]);
    expect(methods()).not.toContain("chat.update");
  });

  test("stays where the app may not read the thread, and the reply stands whole beside it", async () => {
    slack.meet(START, "drop_after");
    const { sink, context, append, complete } = run();
    await append("One.");
    await sink.finish();
    slack.meet("conversations.replies", lackOfScope("channels:history"));
    expect(await complete("One. Two.")).toMatchObject({ status: "delivered" });
    expect(await shown()).toEqual(["One.", "One. Two."]);
    expect(context.logger.entries.map(({ level }) => level)).toContain("warn");
  });

  test("is looked for again when Slack cannot be asked", async () => {
    slack.meet(START, "drop_after");
    const { sink, append, complete } = run();
    await append("One.");
    await sink.finish();
    slack.meet("conversations.replies", "drop_after");
    expect(await complete("One. Two.")).toMatchObject({ failure: "retryable", code: "answer_lost" });
    expect(await complete("One. Two.")).toMatchObject({ status: "delivered" });
    expect(await shown()).toEqual(["One. Two."]);
  });
});

/** A stream in the thread that is no part of any delivery. */
async function startStream(token: string, markdown_text: string): Promise<void> {
  const web = new WebClient(token, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
  const reader = { recipient_team_id: FAKE_TEAM_ID, recipient_user_id: slack.userId() };
  const place = { channel: slack.channelId(), thread_ts: thread };
  await web.chat.startStream({ ...place, ...reader, markdown_text });
}

test("thirty streams in a minute exceed no tier", async () => {
  const runs = Array.from({ length: 30 }, () => run());
  for (let second = 0; second < 60; second += 1) {
    for (const { sink } of runs) sink.append(`${second} `);
    await clock.elapse(1_000);
    await watched.idle();
  }
  for (const { sink } of runs) await sink.finish();
  expect(slack.tiersExceeded()).toEqual([]);
  expect(methods().filter((method) => method === START).length).toBeGreaterThan(10);
  const messages = await slack.messages(thread);
  expect(messages.filter(({ streaming_state: state }) => state === "in_progress")).toEqual([]);
});

test("ten messages that grow by edits leave room for their ends", async () => {
  const runs = Array.from({ length: 10 }, (_, n) => run({ id: `delivery-${n}`, hasReader: false }));
  for (let second = 0; second < 60; second += 1) {
    for (const { sink } of runs) sink.append(`${second} `);
    await clock.elapse(1_000);
    await watched.idle();
  }
  for (const { sink } of runs) await sink.finish();
  for (const { complete } of runs) expect(await complete("All.")).toMatchObject({ status: "delivered" });
  expect(await shown()).toEqual(runs.map(() => "All."));
  expect(slack.tiersExceeded()).toEqual([]);
});
