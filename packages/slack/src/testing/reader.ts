import { FAKE_BOT_USER_ID } from "./fake-workspace.ts";
import type { StoredReaction } from "./message-rules.ts";
import { messagesOf } from "./message-rules.ts";
import { readAll } from "./reading.ts";
import type { SlackEmulator } from "./slack-emulator.ts";
import type { FakeStreams } from "./streams.ts";

/** What a person sees in Slack. Looking meets no faults and no limits. */
export interface SlackReader {
  /** Her own id. */
  userId(): string;
  /** The id of a channel by its name or id, by default of the first. Throws for a name that no channel has. */
  channelId(channel?: string): string;
  /** The id of her direct messages with the bot. */
  directMessageId(): Promise<string>;
  /** The messages of a channel, by default of the first, or of a thread in it, the oldest first. */
  messages(threadTs?: string, channel?: string): Promise<readonly PostedMessage[]>;
  /** The names of the reactions to a message, in the order in which they came. */
  reactions(ts: string, channel?: string): Promise<readonly string[]>;
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
  readonly reactions?: readonly StoredReaction[];
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

export interface FakeReader extends SlackReader {
  /** Looks around; again after the emulator was reset. */
  arrive(): Promise<void>;
}

/** `home` is the channel that is meant when none is named. */
export function createReader(
  emulator: SlackEmulator,
  streams: Pick<FakeStreams, "shown">,
  home: string,
): FakeReader {
  let channels: ReadonlyMap<string, string> = new Map();
  let userId = "";
  const channelId = (name = home): string => {
    const id = channels.get(name) ?? (/^[CDG][A-Z0-9]+$/.test(name) ? name : undefined);
    if (id === undefined) throw new Error(`The fake Slack has no channel "${name}".`);
    return id;
  };
  const messages = async (threadTs?: string, name?: string): Promise<readonly PostedMessage[]> => {
    const channel = channelId(name);
    const all =
      threadTs === undefined
        ? (await readAll(emulator, channel)).toReversed()
        : messagesOf(await emulator.call("conversations.replies", { channel, ts: threadTs }));
    return all.map((message) => streams.shown(channel, message));
  };
  return {
    async arrive() {
      channels = await channelIds(emulator);
      userId = String((await emulator.call("auth.test"))["user_id"]);
    },
    userId: () => userId,
    channelId,
    async directMessageId() {
      const { channel } = await emulator.call("conversations.open", { users: FAKE_BOT_USER_ID });
      return (channel as { readonly id: string }).id;
    },
    messages,
    async reactions(ts, channel) {
      const message = (await messages(ts, channel)).find((one) => one.ts === ts);
      return message?.reactions?.map(({ name }) => name) ?? [];
    },
  };
}

async function channelIds(emulator: SlackEmulator): Promise<ReadonlyMap<string, string>> {
  const { channels = [] } = await emulator.call("conversations.list", { limit: "1000" });
  const listed = channels as readonly { readonly name: string; readonly id: string }[];
  return new Map(listed.map(({ name, id }) => [name, id]));
}
