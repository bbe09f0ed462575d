import type { Method } from "./api-call.ts";
import type { FakeEvents } from "./events.ts";
import { createEvents } from "./events.ts";
import type { Settings } from "./fake-slack-options.ts";
import type { Caller } from "./fake-tokens.ts";
import type { StoredMessage } from "./message-rules.ts";
import type { PersonInSlack } from "./person.ts";
import { createPerson } from "./person.ts";
import { postingMethods } from "./posting.ts";
import { reactionMethods } from "./reactions.ts";
import type { FakeReader } from "./reader.ts";
import { createReader } from "./reader.ts";
import { readingMethods } from "./reading.ts";
import type { FakeSessions } from "./sessions.ts";
import { createSessions } from "./sessions.ts";
import type { SlackEmulator } from "./slack-emulator.ts";
import { startSlackEmulator } from "./slack-emulator.ts";
import type { SlackTime } from "./slack-time.ts";
import { createSlackTime } from "./slack-time.ts";
import type { SocketMode } from "./socket-mode.ts";
import { createSocketMode } from "./socket-mode.ts";
import { streamingMethods } from "./streaming.ts";
import type { FakeStreams } from "./streams.ts";
import { createStreams } from "./streams.ts";
import type { FakeThreadStatus } from "./thread-status.ts";
import { createThreadStatus } from "./thread-status.ts";
import type { FakeUploads } from "./uploads.ts";
import { createUploads } from "./uploads.ts";

/** All that a fake Slack remembers, and the methods that change it. */
export interface SlackWorld {
  readonly emulator: SlackEmulator;
  readonly streams: FakeStreams;
  readonly sessions: FakeSessions;
  readonly threadStatus: FakeThreadStatus;
  readonly uploads: FakeUploads;
  readonly socketMode: SocketMode;
  readonly reader: FakeReader;
  readonly person: PersonInSlack;
  readonly methods: Readonly<Record<string, Method>>;
  /** As in the beginning; sockets stay open. */
  reset(): Promise<void>;
}

export async function createSlackWorld(
  settings: Settings,
  callers: readonly Caller[],
  ownUrl: () => string,
): Promise<SlackWorld> {
  const { clock, clockOffsetMs, channels, isAgent } = settings;
  const emulator = await startSlackEmulator({ callers, channels, clockOffsetMs, ownUrl });
  const streams = createStreams(clock, settings.streams);
  const socketMode = createSocketMode(clock, ownUrl);
  const events = createEvents(settings.events, socketMode.sockets.send);
  const hearsStop = events.isSubscribed("agent_session_stopped");
  const sessions = createSessions({ emulator, clock, isAgent, hearsStop });
  const threadStatus = createThreadStatus(emulator, clock);
  const uploads = createUploads(emulator);
  const reader = createReader(emulator, streams, channels[0] ?? "general");
  const time = createSlackTime(clock, clockOffsetMs);
  const person = createPerson({ emulator, reader, streams, uploads, events, time });
  const parts = { emulator, streams, sessions, threadStatus, uploads, socketMode, reader, person };
  return {
    ...parts,
    methods: methodsOf(parts, events, time, settings.customEmoji),
    async reset() {
      for (const part of [streams, sessions, threadStatus, uploads, socketMode, emulator]) part.reset();
      await reader.arrive();
    },
  };
}

function methodsOf(
  { emulator, streams, sessions, threadStatus, uploads, socketMode }: Omit<SlackWorld, "methods" | "reset">,
  events: FakeEvents,
  time: SlackTime,
  customEmoji: readonly string[],
): Readonly<Record<string, Method>> {
  const onPosted = (channel: string, message: StoredMessage): void => {
    threadStatus.clear(channel, message.thread_ts ?? "");
    events.posted(channel, message);
  };
  return {
    ...postingMethods({ emulator, streams, onPosted }),
    ...streamingMethods({ emulator, streams, onPosted, onSession: sessions.setStatus }),
    ...readingMethods(emulator, streams),
    ...reactionMethods({
      emulator,
      customEmoji,
      onReaction: (reaction) => events.reacted(reaction, time.stamp()),
    }),
    ...sessions.methods,
    ...threadStatus.methods,
    ...uploads.methods,
    ...socketMode.methods,
  };
}
