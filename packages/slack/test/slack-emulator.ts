import { WebClient } from "@slack/web-api";
import { createEmulator } from "emulate";

/** May do everything that the app can ask for. */
export const TOKEN = "xoxb-full-1";

/** May only post. */
export const POST_ONLY_TOKEN = "xoxb-post-only-1";

/** A Slack on loopback with one channel, and the eyes and the mouth of a person in it. */
export interface SlackEmulator {
  readonly url: string;
  /** The id of the channel. */
  channelId(): string;
  /** Posts as a person, and tells the message's timestamp. */
  say(text: string): Promise<string>;
  /** The messages of the channel or of a thread, the oldest first. */
  messages(threadTs?: string): Promise<readonly PostedMessage[]>;
  /** Forgets all messages. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

interface PostedMessage {
  readonly text?: string;
  readonly ts?: string;
  readonly username?: string;
  readonly metadata?: unknown;
}

export async function startSlackEmulator(): Promise<SlackEmulator> {
  const emulator = await createEmulator({ service: "slack", port: 0, seed: { slack: SEED } });
  const person = new WebClient(PERSON, {
    slackApiUrl: `${emulator.url}/api/`,
    retryConfig: { retries: 0 },
  });
  let channel = await findChannel(person);
  return {
    url: emulator.url,
    channelId: () => channel,
    say: async (text) => (await person.chat.postMessage({ channel, text })).ts ?? "",
    async messages(ts) {
      const query = { channel, include_all_metadata: true, limit: 999 };
      if (ts !== undefined) return (await person.conversations.replies({ ...query, ts })).messages ?? [];
      return (await person.conversations.history(query)).messages?.toReversed() ?? [];
    },
    async reset() {
      emulator.reset();
      channel = await findChannel(person);
    },
    close: () => emulator.close(),
  };
}

const CHANNEL = "eng";

async function findChannel(client: WebClient): Promise<string> {
  const { channels = [] } = await client.conversations.list();
  return channels.find(({ name }) => name === CHANNEL)?.id ?? "";
}

const PERSON = "xoxp-ada";
const READING = ["channels:history", "channels:read"];
const BOT = { type: "bot", app_id: "A1", user_id: "U1AGENT", bot_user_id: "U1AGENT", bot_id: "B1AGENT" };

/** A bot's token is refused without the app that it belongs to. */
const SEED = {
  strict_scopes: true,
  users: [{ name: "ada" }],
  channels: [{ name: CHANNEL }],
  oauth_apps: [
    {
      app_id: BOT.app_id,
      bot_id: BOT.bot_id,
      bot_user_id: BOT.bot_user_id,
      bot_name: "agent",
      client_id: "1.2",
      client_secret: "shh",
      name: "Agent",
      redirect_uris: ["http://127.0.0.1/"],
      scopes: ["chat:write", ...READING],
    },
  ],
  tokens: [
    { ...BOT, token: TOKEN, scopes: ["chat:write", ...READING] },
    { ...BOT, token: POST_ONLY_TOKEN, scopes: ["chat:write"] },
    { token: PERSON, type: "user", user: "ada", scopes: ["chat:write", ...READING] },
  ],
};
