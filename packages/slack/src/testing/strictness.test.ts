import type { WebClient } from "@slack/web-api";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FakeSlack } from "./fake-slack.ts";
import { startFakeSlack } from "./fake-slack.ts";
import { FAKE_APP_TOKEN, FAKE_BOT_ID, FAKE_BOT_TOKEN, POST_ONLY_TOKEN } from "./fake-workspace.ts";
import { clientOf, refusalOf } from "./test-client.ts";

let slack: FakeSlack;
let client: WebClient;
beforeAll(async () => {
  slack = await startFakeSlack({ rateLimits: "observed", customEmoji: ["party_parrot"] });
  client = clientOf(slack);
});
beforeEach(() => slack.reset());
afterAll(() => slack.close());

const SECTION = { type: "section", text: { type: "mrkdwn", text: "Hello." } };

function post(message: Record<string, unknown>, token?: string): Promise<string> {
  return refusalOf(
    clientOf(slack, token).apiCall("chat.postMessage", { channel: slack.channelId(), ...message }),
  );
}

async function send(method: string, body: string, headers: Record<string, string> = {}): Promise<unknown> {
  const authorization = `Bearer ${FAKE_BOT_TOKEN}`;
  const init = { method: "POST", headers: { authorization, ...headers }, body };
  return (await fetch(`${slack.apiUrl}${method}`, init)).json();
}

function many<T>(count: number, one: T): T[] {
  return Array.from({ length: count }, () => one);
}

const AS_JSON = { "content-type": "application/json; charset=utf-8" };
const AS_FORM = { "content-type": "application/x-www-form-urlencoded" };

describe("a token", () => {
  test.each([
    ["xoxb-nobody", "invalid_auth"],
    [FAKE_APP_TOKEN, "not_allowed_token_type"],
  ])("%s cannot post", async (token, code) => {
    expect(await post({ text: "Hello." }, token)).toBe(code);
  });

  test("is needed, in the header or among the arguments", async () => {
    const init = { method: "POST", body: new URLSearchParams({ token: FAKE_BOT_TOKEN }) };
    expect(await (await fetch(`${slack.apiUrl}auth.test`, init)).json()).toMatchObject({
      ok: true,
      bot_id: FAKE_BOT_ID,
    });
    const without = await fetch(`${slack.apiUrl}auth.test`, { method: "POST" });
    expect(await without.json()).toEqual({ ok: false, error: "not_authed" });
    expect(slack.calls.map(({ tokenKind }) => tokenKind)).toEqual(["bot", "none"]);
    expect(JSON.stringify(slack.calls.map(({ form }) => form))).not.toContain(FAKE_BOT_TOKEN);
  });

  test("that was revoked is refused", async () => {
    slack.revoke(POST_ONLY_TOKEN);
    expect(await post({ text: "Hello." }, POST_ONLY_TOKEN)).toBe("token_revoked");
    await client.auth.revoke();
    expect(await post({ text: "Hello." })).toBe("token_revoked");
  });

  test("says which scopes it has, and which are missing", async () => {
    const { response_metadata: metadata } = await clientOf(slack, POST_ONLY_TOKEN).auth.test();
    expect(metadata).toMatchObject({ scopes: ["chat:write"] });
    const call = { channel: slack.channelId(), timestamp: await slack.say("Hello."), name: "eyes" };
    await expect(clientOf(slack, POST_ONLY_TOKEN).reactions.add(call)).rejects.toMatchObject({
      data: { error: "missing_scope", needed: "reactions:write", provided: "chat:write" },
    });
  });

  test("without the scope for it borrows no name", async () => {
    const named = clientOf(slack, POST_ONLY_TOKEN).chat.postMessage({
      channel: slack.channelId(),
      text: "Hello.",
      username: "Ada",
    });
    await expect(named).rejects.toMatchObject({
      data: { needed: "chat:write.customize", provided: "chat:write" },
    });
  });
});

describe("a form", () => {
  test.each(["conversations.replies", "files.getUploadURLExternal", "users.info"])(
    "is the only thing that %s reads",
    async (method) => {
      expect(await send(method, "{}", AS_JSON)).toMatchObject({ ok: false, error: "invalid_arguments" });
    },
  );

  test("may be JSON for what posts", async () => {
    const body = JSON.stringify({ channel: slack.channelId(), blocks: [SECTION], text: "Hello." });
    expect(await send("chat.postMessage", body, AS_JSON)).toMatchObject({ ok: true });
    expect(slack.calls).toMatchObject([
      { isJson: true, form: { text: "Hello.", blocks: JSON.stringify([SECTION]) } },
    ]);
  });
});

test("a method that Slack does not have is unknown", async () => {
  expect(await send("chat.sing", "", AS_FORM)).toMatchObject({ ok: false, error: "unknown_method" });
});

describe("a message", () => {
  test("of Markdown shows its source, and is the bot's", async () => {
    await client.chat.postMessage({ channel: slack.channelId(), markdown_text: "**Hello**" });
    expect(await slack.messages()).toMatchObject([{ text: "**Hello**", bot_id: FAKE_BOT_ID }]);
  });

  test("longer than 40,000 characters is cut, with a warning", async () => {
    const answer = await client.chat.postMessage({ channel: slack.channelId(), text: "x".repeat(40_001) });
    expect(answer).toMatchObject({ warning: "message_truncated" });
    expect((await slack.messages())[0]?.text).toHaveLength(40_000);
  });

  test.each<readonly [string, Record<string, unknown>, string]>([
    ["nothing", {}, "no_text"],
    ["white space", { text: " \n" }, "no_text"],
    ["Markdown beside text", { markdown_text: "x", text: "x" }, "markdown_text_conflict"],
    ["Markdown beside blocks", { markdown_text: "x", blocks: [SECTION] }, "markdown_text_conflict"],
    ["too much Markdown", { markdown_text: "x".repeat(12_001) }, "msg_too_long"],
    ["blocks that are no list", { blocks: "x" }, "invalid_blocks_format"],
    ["51 blocks", { blocks: many(51, { type: "divider" }) }, "invalid_blocks"],
    ["a block of no known type", { blocks: [{ type: "song" }] }, "invalid_blocks"],
    ["a section without a text", { blocks: [{ type: "section" }] }, "invalid_blocks"],
    [
      "too long a section",
      { blocks: [{ type: "section", text: { type: "mrkdwn", text: "x".repeat(3_001) } }] },
      "invalid_blocks",
    ],
    [
      "too long a header",
      { blocks: [{ type: "header", text: { type: "plain_text", text: "x".repeat(151) } }] },
      "invalid_blocks",
    ],
    [
      "too much Markdown in blocks",
      { blocks: many(2, { type: "markdown", text: "x".repeat(6_001) }) },
      "msg_blocks_too_long",
    ],
    ["101 rows in a table", { blocks: [{ type: "table", rows: many(101, []) }] }, "invalid_blocks"],
    ["101 attachments", { attachments: many(101, { text: "x" }) }, "too_many_attachments"],
    ["metadata without a type", { text: "x", metadata: { event_payload: {} } }, "invalid_metadata_format"],
    ["a thread that cannot be", { text: "x", thread_ts: "today" }, "invalid_thread_ts"],
    ["a thread that is not there", { text: "x", thread_ts: "1700000000.000001" }, "thread_not_found"],
    [
      "an unknown channel",
      { text: "x", channel: "C404", thread_ts: "1700000000.000001" },
      "channel_not_found",
    ],
  ])("of %s is refused", async (_name, message, code) => {
    expect(await post(message)).toBe(code);
    expect(await slack.messages()).toEqual([]);
  });

  test("of too long a button is refused, with where it is", async () => {
    const text = { type: "plain_text", text: "x".repeat(76) };
    const blocks = [{ type: "actions", elements: [{ type: "button", text, action_id: "a" }] }];
    await expect(
      client.apiCall("chat.postMessage", { channel: slack.channelId(), blocks }),
    ).rejects.toMatchObject({
      data: {
        response_metadata: {
          messages: ["[ERROR] must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"],
        },
      },
    });
  });
});

describe("an edit", () => {
  async function edit(change: Record<string, unknown>): Promise<string> {
    const { ts = "", channel = "" } = await client.chat.postMessage({
      channel: slack.channelId(),
      text: "One",
    });
    return refusalOf(client.apiCall("chat.update", { channel, ts, ...change }));
  }

  test("may be of Markdown", async () => {
    expect(await edit({ markdown_text: "**Two**" })).toBe("");
    expect(await slack.messages()).toMatchObject([{ text: "**Two**" }]);
  });

  test.each([
    [{ text: "x".repeat(4_000) }, ""],
    [{ text: "x".repeat(4_001) }, "msg_too_long"],
    [{ markdown_text: "x".repeat(12_001) }, "msg_too_long"],
    [{ markdown_text: "x", text: "x" }, "markdown_text_conflict"],
  ])("has its own limits (%#)", async (change, code) => {
    expect(await edit(change)).toBe(code);
  });
});

describe("a reaction", () => {
  async function react(name: string): Promise<string> {
    const timestamp = await slack.say("Hello.");
    const refusal = await refusalOf(client.reactions.add({ channel: slack.channelId(), timestamp, name }));
    expect(await slack.reactions(timestamp)).toEqual(refusal === "" ? [name] : []);
    return refusal;
  }

  test.each(["hourglass_flowing_sand", "white_check_mark", "+1", "wave::skin-tone-3", "party_parrot"])(
    "may be :%s:",
    async (name) => {
      expect(await react(name)).toBe("");
    },
  );

  test.each([":eyes:", "no_such_thing", "wave::skin-tone-9"])("may not be %s", async (name) => {
    expect(await react(name)).toBe("invalid_name");
  });

  test("is there once, and is taken away once", async () => {
    const on = { channel: slack.channelId(), timestamp: await slack.say("Hello."), name: "eyes" };
    const answers: string[] = [];
    for (const method of ["reactions.add", "reactions.add", "reactions.remove", "reactions.remove"]) {
      answers.push(await refusalOf(client.apiCall(method, on)));
    }
    expect(answers).toEqual(["", "already_reacted", "", "no_reaction"]);
  });

  test("needs a message and a channel that are there", async () => {
    const on = { channel: slack.channelId(), timestamp: "1700000000.000001", name: "eyes" };
    expect(await refusalOf(client.reactions.add(on))).toBe("message_not_found");
    expect(await refusalOf(client.reactions.add({ ...on, channel: "C404" }))).toBe("channel_not_found");
  });
});
