import { WebClient } from "@slack/web-api";
import { createEmulator } from "emulate";

/** A bot's token that may do everything that the app can ask for. */
export const FAKE_BOT_TOKEN = "xoxb-full-1";

/** A bot's token that may only post. */
export const POST_ONLY_TOKEN = "xoxb-post-only-1";

/** The names of the channels, `eng` first. */
export const FAKE_CHANNELS: readonly string[] = ["eng", "ops", "sales", "help"];

/** A Slack on loopback with some channels, and the eyes and the mouth of a person in them. */
export interface SlackEmulator {
  readonly url: string;
  /** The id of a channel, by default of `eng`. */
  channelId(name?: string): string;
  /** Posts as a person into `eng`, and tells the message's timestamp. */
  say(text: string): Promise<string>;
  /** The messages of a channel, by default of `eng`, or of a thread in it, the oldest first. */
  messages(threadTs?: string, channelName?: string): Promise<readonly PostedMessage[]>;
  /** Forgets all messages. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** A message as Slack shows it. */
export interface PostedMessage {
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
  let channels = await channelIds(person);
  const channelId = (name = HOME): string => channels.get(name) ?? "";
  return {
    url: emulator.url,
    channelId,
    say: async (text) => (await person.chat.postMessage({ channel: channelId(), text })).ts ?? "",
    async messages(ts, name) {
      const query = { channel: channelId(name), include_all_metadata: true, limit: 999 };
      if (ts !== undefined) return (await person.conversations.replies({ ...query, ts })).messages ?? [];
      return (await person.conversations.history(query)).messages?.toReversed() ?? [];
    },
    async reset() {
      emulator.reset();
      channels = await channelIds(person);
    },
    close: () => emulator.close(),
  };
}

const HOME = "eng";

async function channelIds(client: WebClient): Promise<ReadonlyMap<string, string>> {
  const { channels = [] } = await client.conversations.list();
  return new Map(channels.map(({ name = "", id = "" }) => [name, id]));
}

const PERSON = "xoxp-ada";
const READING = ["channels:history", "channels:read"];
const BOT = { type: "bot", app_id: "A1", user_id: "U1AGENT", bot_user_id: "U1AGENT", bot_id: "B1AGENT" };

/** A bot's token is refused without the app that it belongs to. */
const SEED = {
  strict_scopes: true,
  users: [{ name: "ada" }],
  channels: FAKE_CHANNELS.map((name) => ({ name })),
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
    { ...BOT, token: FAKE_BOT_TOKEN, scopes: ["chat:write", ...READING] },
    { ...BOT, token: POST_ONLY_TOKEN, scopes: ["chat:write"] },
    { token: PERSON, type: "user", user: "ada", scopes: ["chat:write", ...READING] },
  ],
};
