import { FAKE_BOT_USER_ID, PERSON } from "./fake-workspace.ts";
import type { StoredMessage } from "./message-rules.ts";
import { messagesOf } from "./message-rules.ts";
import { reactionsOf } from "./reactions.ts";
import { readAll } from "./reading.ts";
import type { SlackEmulator } from "./slack-emulator.ts";
import type { FakeStreams } from "./streams.ts";

/** The eyes and the mouth of a person in Slack. What she says and reads meets no faults and no limits. */
export interface PersonInSlack {
  /** Her own id. */
  userId(): string;
  /** The id of a channel, by default of the first. Throws for a name that no channel has. */
  channelId(name?: string): string;
  /** The id of her direct messages with the bot. */
  directMessageId(): Promise<string>;
  /** Posts, by default into the first channel, and tells the message's timestamp. */
  say(text: string, place?: PlaceInSlack): Promise<string>;
  /** The messages of a channel, by default of the first, or of a thread in it, the oldest first. */
  messages(threadTs?: string, channel?: string): Promise<readonly PostedMessage[]>;
  /** The names of the reactions to a message, in the order in which they came. */
  reactions(ts: string, channel?: string): Promise<readonly string[]>;
}

export interface PlaceInSlack {
  /** Name or id. */
  readonly channel?: string;
  readonly threadTs?: string;
}

/** A message as Slack shows it. */
export interface PostedMessage {
  /** Of Markdown, its source. */
  readonly text?: string;
  readonly ts?: string;
  readonly thread_ts?: string;
  readonly user?: string;
  readonly bot_id?: string;
  readonly username?: string;
  readonly icon_emoji?: string;
  readonly icon_url?: string;
  readonly metadata?: unknown;
  readonly blocks?: readonly unknown[];
  readonly files?: readonly PostedFile[];
  readonly reactions?: readonly { readonly name: string; readonly users: readonly string[] }[];
  readonly edited?: unknown;
  /** Of a message that was streamed. */
  readonly streaming_state?: string;
}

export interface PostedFile {
  readonly id: string;
  readonly name: string;
  readonly title?: string;
  readonly mimetype?: string;
  readonly size?: number;
  readonly alt_txt?: string;
  readonly url_private?: string;
}

export interface PersonOptions {
  readonly emulator: SlackEmulator;
  readonly streams: FakeStreams;
  /** The channel that is meant when none is named. */
  readonly home: string;
}

/** Makes herself at home; `arrive` again after the emulator was reset. */
export interface Person extends PersonInSlack {
  arrive(): Promise<void>;
}

export function createPerson({ emulator, streams, home }: PersonOptions): Person {
  let channels: ReadonlyMap<string, string> = new Map();
  let userId = "";
  const channelId = (name = home): string => {
    const id = channels.get(name) ?? [...channels.values()].find((known) => known === name);
    if (id === undefined && !/^[CDG][A-Z0-9]+$/.test(name))
      throw new Error(`The fake Slack has no channel "${name}".`);
    return id ?? name;
  };
  const shown = (channel: string, messages: readonly StoredMessage[]): readonly PostedMessage[] =>
    messages.map((message) => streams.shown(channel, message));
  const person: Person = {
    async arrive() {
      channels = await channelIds(emulator);
      userId = String((await emulator.call("auth.test"))["user_id"]);
    },
    userId: () => userId,
    channelId,
    async directMessageId() {
      const { channel } = await emulator.call("conversations.open", { users: FAKE_BOT_USER_ID });
      return String((channel as { id?: string } | undefined)?.id);
    },
    async say(text, { channel, threadTs } = {}) {
      const place = { channel: channelId(channel), ...(threadTs !== undefined && { thread_ts: threadTs }) };
      const { ok, error, ts } = await emulator.call("chat.postMessage", { ...place, text });
      if (!ok) throw new Error(`${PERSON.name} could not say "${text}": ${error}.`);
      return String(ts);
    },
    async messages(threadTs, name) {
      const channel = channelId(name);
      if (threadTs !== undefined) {
        return shown(
          channel,
          messagesOf(await emulator.call("conversations.replies", { channel, ts: threadTs })),
        );
      }
      const all = await readAll(emulator, "conversations.history", { channel });
      return "ok" in all ? [] : shown(channel, all).toReversed();
    },
    async reactions(ts, name) {
      const found = await emulator.call("conversations.replies", { channel: channelId(name), ts });
      const message = messagesOf(found).find((one) => one.ts === ts);
      return message === undefined ? [] : reactionsOf(message).map((reaction) => reaction.name);
    },
  };
  return person;
}

async function channelIds(emulator: SlackEmulator): Promise<ReadonlyMap<string, string>> {
  const { channels = [] } = await emulator.call("conversations.list", { limit: "1000" });
  return new Map((channels as { name: string; id: string }[]).map(({ name, id }) => [name, id]));
}
