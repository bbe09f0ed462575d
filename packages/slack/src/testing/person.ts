import type { ApiAnswer, Args } from "./api-call.ts";
import type { FakeEvents, ReactionEvent } from "./events.ts";
import { PERSON } from "./fake-workspace.ts";
import type { StoredMessage } from "./message-rules.ts";
import type { FakeReader } from "./reader.ts";
import type { SlackEmulator } from "./slack-emulator.ts";
import type { SlackTime } from "./slack-time.ts";
import type { FakeStreams } from "./streams.ts";
import type { FakeUploads, SharedFile } from "./uploads.ts";

/** What a person does in Slack. It meets no faults and no limits, and the app is told of it over its sockets. */
export interface PersonInSlack {
  /** Posts, by default into the first channel, and tells the message's timestamp. */
  say(text: string, place?: PlaceInSlack): Promise<string>;
  /** Posts a file, and tells the message's timestamp. */
  share(file: SharedFile, place?: PlaceInSlack): Promise<string>;
  /** Changes what she has said. */
  edit(ts: string, text: string, channel?: string): Promise<void>;
  /** Takes back what she has said. */
  remove(ts: string, channel?: string): Promise<void>;
  react(ts: string, name: string, channel?: string): Promise<void>;
  unreact(ts: string, name: string, channel?: string): Promise<void>;
  /** Presses the Stop button of a thread: Slack ends what is streamed there, and the app does the rest. */
  pressStop(threadTs: string, channel?: string): void;
}

export interface PlaceInSlack {
  /** Name or id. */
  readonly channel?: string;
  readonly threadTs?: string;
}

export interface PersonOptions {
  readonly emulator: SlackEmulator;
  readonly reader: FakeReader;
  readonly streams: FakeStreams;
  readonly uploads: FakeUploads;
  readonly events: FakeEvents;
  readonly time: SlackTime;
}

export function createPerson(options: PersonOptions): PersonInSlack {
  const { emulator, reader, streams, uploads, events, time } = options;
  const { channelId } = reader;
  const react = async (
    type: ReactionEvent["type"],
    ts: string,
    name: string,
    place?: string,
  ): Promise<void> => {
    const channel = channelId(place);
    const method = type === "reaction_added" ? "reactions.add" : "reactions.remove";
    await asPerson(emulator, method, { channel, timestamp: ts, name });
    events.reacted({ type, user: reader.userId(), name, channel, ts }, time.stamp());
  };
  const changed = (channel: string, subtype: string, more: object): void => {
    const at = time.stamp();
    events.emit({ type: "message", subtype, hidden: true, channel, ts: at, event_ts: at, ...more });
  };
  return {
    async say(text, place) {
      const answer = await asPerson(emulator, "chat.postMessage", { ...argsOf(place, channelId), text });
      events.posted(String(answer["channel"]), answer["message"] as StoredMessage);
      return String(answer["ts"]);
    },
    async share(file, place) {
      const { channel, thread_ts: threadTs } = argsOf(place, channelId);
      const id = await uploads.put(file, {
        channel_id: channel,
        ...(threadTs !== undefined && { thread_ts: threadTs }),
      });
      const message = (await reader.messages(threadTs, channel)).find(({ files }) =>
        files?.some((one) => one.id === id),
      );
      if (message?.ts === undefined) throw new Error(`The fake Slack has lost the file "${file.name}".`);
      events.posted(channel, { ...message, ts: message.ts, text: message.text ?? "" });
      return message.ts;
    },
    async edit(ts, text, name) {
      const channel = channelId(name);
      const { message } = await asPerson(emulator, "chat.update", { channel, ts, text });
      changed(channel, "message_changed", { message });
    },
    async remove(ts, name) {
      const channel = channelId(name);
      await asPerson(emulator, "chat.delete", { channel, ts });
      changed(channel, "message_deleted", { deleted_ts: ts });
    },
    react: (ts, name, channel) => react("reaction_added", ts, name, channel),
    unreact: (ts, name, channel) => react("reaction_removed", ts, name, channel),
    pressStop(threadTs, name) {
      const channel = channelId(name);
      const stopped = streams.stopThread(channel, threadTs);
      const event = { channel, thread_ts: threadTs, streaming_message_ts: stopped, user: reader.userId() };
      events.emit({ ...event, type: "agent_session_stopped", event_ts: time.stamp() });
    },
  };
}

function argsOf(
  { channel, threadTs }: PlaceInSlack = {},
  channelId: (name?: string) => string,
): { readonly channel: string; readonly thread_ts?: string } {
  return { channel: channelId(channel), ...(threadTs !== undefined && { thread_ts: threadTs }) };
}

async function asPerson(emulator: SlackEmulator, method: string, args: Args): Promise<ApiAnswer> {
  const answer = await emulator.call(method, args);
  if (!answer.ok) throw new Error(`The fake Slack refuses ${method} to ${PERSON.name}: ${answer.error}.`);
  return answer;
}
