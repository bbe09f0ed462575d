import { once } from "node:events";
import { silentLogger } from "@core/registry";
import { createManualClock } from "@core/testing";
import { SocketModeClient } from "@slack/socket-mode";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { sdkLogger } from "../sdk-logger.ts";
import type { FakeSlack } from "./fake-slack.ts";
import { startFakeSlack } from "./fake-slack.ts";
import { FAKE_APP_TOKEN, FAKE_BOT_ID, FAKE_BOT_TOKEN, FAKE_BOT_USER_ID } from "./fake-workspace.ts";
import { clientOf, refusalOf } from "./test-client.ts";

interface Told {
  readonly type: string;
  readonly body: { readonly event: Record<string, unknown>; readonly event_id: string };
  readonly envelope_id: string;
  readonly retry_num?: number;
  readonly retry_reason?: string;
  readonly ack: (answer?: Record<string, unknown>) => Promise<void>;
}

const clock = createManualClock();
let slack: FakeSlack;
let apps: SocketModeClient[];
beforeEach(async () => {
  slack = await startFakeSlack({ clock });
  apps = [];
});
afterEach(async () => {
  await Promise.all(apps.map((app) => app.disconnect()));
  await slack.close();
});

interface AppOptions {
  readonly isSilent?: boolean;
  /** Slack's client waits as long for a pong as it does before it connects again. */
  readonly reconnectMs?: number;
}

/** An app on Slack's own client, which acknowledges what it is told unless it is silent. */
async function startApp({ isSilent = false, reconnectMs = 20_000 }: AppOptions = {}): Promise<
  readonly Told[]
> {
  const told: Told[] = [];
  const app = new SocketModeClient({
    appToken: FAKE_APP_TOKEN,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } },
    clientPingTimeout: reconnectMs,
    logger: sdkLogger(silentLogger),
  });
  app.on("slack_event", (event: Told) => {
    told.push(event);
    if (!isSilent) void event.ack();
  });
  apps.push(app);
  await app.start();
  return told;
}

/** Waits until so much was told. */
async function until(told: readonly Told[], count: number): Promise<void> {
  while (told.length < count) await new Promise(setImmediate);
}

describe("an app on a socket", () => {
  test("is told what a person says, and acknowledges it", async () => {
    const told = await startApp();
    const ts = await slack.say("Hello?");
    await slack.sockets.settled();
    expect(told.map(({ body }) => body)).toMatchObject([
      {
        type: "event_callback",
        event: {
          type: "message",
          text: "Hello?",
          ts,
          user: slack.userId(),
          channel: slack.channelId(),
          channel_type: "channel",
        },
      },
    ]);
    expect(slack.sockets.sent).toMatchObject([
      { type: "events_api", state: "acknowledged", attempts: [told[0]?.envelope_id] },
    ]);
  });

  test("is told twice of a mention, as a message and as a mention", async () => {
    const told = await startApp();
    await slack.say(`<@${FAKE_BOT_USER_ID}> hello`);
    await slack.sockets.settled();
    expect(told.map(({ body }) => body.event["type"])).toEqual(["message", "app_mention"]);
    expect(new Set(told.map(({ body }) => body.event_id)).size).toBe(2);
  });

  test("is told of direct messages, edits, removals, reactions and files", async () => {
    const told = await startApp();
    await slack.say("Psst.", { channel: await slack.directMessageId() });
    const ts = await slack.say("One");
    await slack.edit(ts, "Two");
    await slack.react(ts, "eyes");
    await slack.unreact(ts, "eyes");
    await slack.remove(ts);
    await slack.share({ name: "a.txt", bytes: new TextEncoder().encode("Hello."), comment: "Here." });
    await slack.sockets.settled();
    expect(
      told.map(({ body: { event } }) => event["subtype"] ?? event["channel_type"] ?? event["type"]),
    ).toEqual([
      "im",
      "channel",
      "message_changed",
      "reaction_added",
      "reaction_removed",
      "message_deleted",
      "file_share",
    ]);
    const files = told.at(-1)?.body.event["files"] as { id: string }[];
    expect(new TextDecoder().decode(slack.file(files[0]?.id ?? "")?.bytes)).toBe("Hello.");
  });

  test("hears its own posts and reactions, too, though no mention of itself", async () => {
    const told = await startApp();
    const client = clientOf(slack);
    const text = `I am <@${FAKE_BOT_USER_ID}>.`;
    const { ts: timestamp = "", channel = "" } = await client.chat.postMessage({
      channel: slack.channelId(),
      text,
    });
    await client.reactions.add({ channel, timestamp, name: "eyes" });
    await slack.sockets.settled();
    expect(told.map(({ body }) => body.event)).toMatchObject([
      { type: "message", bot_id: FAKE_BOT_ID },
      { type: "reaction_added", user: FAKE_BOT_USER_ID, reaction: "eyes", item: { ts: timestamp } },
    ]);
  });

  test("is told who pressed Stop, and which messages were streamed", async () => {
    const told = await startApp();
    const thread_ts = await slack.say("Tell me all.");
    const channel = slack.channelId();
    const reader = { recipient_team_id: "T000000001", recipient_user_id: slack.userId() };
    const { ts } = await clientOf(slack).chat.startStream({
      channel,
      thread_ts,
      ...reader,
      markdown_text: "One",
    });
    slack.pressStop(thread_ts);
    await slack.sockets.settled();
    expect(told.at(-1)?.body.event).toMatchObject({
      type: "agent_session_stopped",
      channel,
      thread_ts,
      streaming_message_ts: [ts],
      user: slack.userId(),
    });
  });

  test("is told what was said before it came", async () => {
    await slack.say("Anybody?");
    const told = await startApp();
    await slack.sockets.settled();
    expect(told).toHaveLength(1);
  });

  test("is told of whatever else Slack may send, and may answer it", async () => {
    await startApp();
    slack.sockets.send("slash_commands", { command: "/ask", text: "why?" });
    await slack.sockets.settled();
    expect(slack.sockets.sent).toMatchObject([{ type: "slash_commands", state: "acknowledged", answer: {} }]);
  });
});

describe("what is not acknowledged", () => {
  test("is told again at once, after a minute and after five, as the same event", async () => {
    const told = await startApp({ isSilent: true });
    await slack.say("Hello?");
    await until(told, 1);
    for (const [attempt, pauseMs] of [0, 60_000, 300_000].entries()) {
      clock.advance(3_000 + pauseMs);
      await until(told, attempt + 2);
    }
    clock.advance(3_000_000);
    await slack.sockets.settled();
    expect(told.map(({ retry_num: num, retry_reason: reason }) => [num, reason])).toEqual([
      [0, ""],
      [1, "timeout"],
      [2, "timeout"],
      [3, "timeout"],
    ]);
    expect(new Set(told.map(({ body }) => body.event_id)).size).toBe(1);
    expect(new Set(told.map(({ envelope_id: id }) => id)).size).toBe(4);
    expect(slack.sockets.sent).toMatchObject([{ state: "given_up" }]);
  });

  test("because the acknowledgement was lost, is told again", async () => {
    const told = await startApp();
    slack.sockets.loseAcks(1);
    await slack.say("Hello?");
    while (slack.sockets.sent[0]?.lostAcks !== 1) await new Promise(setImmediate);
    slack.sockets.redeliver();
    await slack.sockets.settled();
    expect(told.map(({ retry_num: num }) => num)).toEqual([0, 1]);
  });

  test("before its socket broke, is told to the next one", async () => {
    const told = await startApp({ isSilent: true, reconnectMs: 500 });
    await slack.say("Hello?");
    await until(told, 1);
    slack.sockets.drop();
    await until(told, 2);
    expect(told.map(({ retry_num: num }) => num)).toEqual([0, 1]);
    expect(slack.sockets.sent).toHaveLength(1);
  });

  test("and is no event, is not told again", async () => {
    const told = await startApp({ isSilent: true });
    slack.sockets.send("interactive", { type: "block_actions" });
    await until(told, 1);
    clock.advance(3_000);
    expect(slack.sockets.sent).toMatchObject([{ state: "given_up", attempts: [expect.any(String)] }]);
  });
});

describe("sockets", () => {
  test("share what is told between them", async () => {
    const [first, second] = [await startApp(), await startApp()];
    for (let n = 0; n < 4; n += 1) await slack.say(`${n}`);
    await slack.sockets.settled();
    expect([first.length, second.length, slack.sockets.count()]).toEqual([2, 2, 2]);
  });

  test("that are asked to reconnect get nothing more, and their app comes back", async () => {
    await startApp({ reconnectMs: 500 });
    slack.sockets.refresh();
    expect(slack.sockets.count()).toBe(0);
    await slack.say("Hello?");
    await slack.sockets.connected();
    await slack.sockets.settled();
    expect(slack.calls.filter(({ method }) => method === "apps.connections.open")).toHaveLength(2);
  });

  test("that are deaf stay open, and lose what is told over them", async () => {
    const told = await startApp();
    slack.sockets.goDeaf();
    await slack.say("Hello?");
    expect(slack.sockets.sent).toMatchObject([{ state: "sent" }]);
    const other = await startApp();
    clock.advance(3_000);
    await slack.sockets.settled();
    expect([told.length, other.length, slack.sockets.count()]).toEqual([0, 1, 2]);
  });

  test("open with the app's own token only", async () => {
    const asBot = clientOf(slack, FAKE_BOT_TOKEN).apps.connections.open();
    expect(await refusalOf(asBot)).toBe("not_allowed_token_type");
    const { url = "" } = await clientOf(slack, FAKE_APP_TOKEN).apps.connections.open();
    const first = new WebSocket(url);
    const [hello] = (await once(first, "message")) as [Buffer];
    expect(JSON.parse(hello.toString())).toMatchObject({ type: "hello", num_connections: 1 });
    const again = new WebSocket(url);
    await expect(once(again, "open")).rejects.toThrow("socket hang up");
    first.terminate();
  });

  test("are ten at most", async () => {
    const web = clientOf(slack, FAKE_APP_TOKEN);
    const opened: WebSocket[] = [];
    const frames: unknown[] = [];
    for (let n = 0; n < 11; n += 1) {
      const socket = new WebSocket((await web.apps.connections.open()).url ?? "");
      const [frame] = (await once(socket, "message")) as [Buffer];
      frames.push(Reflect.get(JSON.parse(frame.toString()) as object, "type"));
      opened.push(socket);
    }
    expect(frames).toEqual([...Array.from({ length: 10 }, () => "hello"), "disconnect"]);
    for (const socket of opened) socket.terminate();
  });

  test("may carry a frame that nobody expects", async () => {
    const web = clientOf(slack, FAKE_APP_TOKEN);
    const socket = new WebSocket((await web.apps.connections.open()).url ?? "");
    await once(socket, "message");
    slack.sockets.sendFrame("null");
    const [frame] = (await once(socket, "message")) as [Buffer];
    expect(frame.toString()).toBe("null");
    socket.terminate();
  });
});

test("an app that is no agent has no sessions, and one that hears no Stop is warned", async () => {
  const other = await startFakeSlack({ isAgent: false });
  const deaf = await startFakeSlack({ events: ["message"] });
  const processing = async (fake: FakeSlack): Promise<unknown> => {
    const thread_ts = await fake.say("Hello?");
    return clientOf(fake).agents.sessions.setStatus({
      channel_id: fake.channelId(),
      thread_ts,
      status: "processing",
    });
  };
  await expect(processing(other)).rejects.toMatchObject({ data: { error: "not_authorized" } });
  expect(await processing(deaf)).toMatchObject({
    warning: "missing_agent_session_stopped_event_subscription",
  });
  await Promise.all([other.close(), deaf.close()]);
});
