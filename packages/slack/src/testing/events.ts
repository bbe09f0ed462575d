import { FAKE_APP_ID, FAKE_BOT_USER_ID, FAKE_TEAM_ID } from "./fake-workspace.ts";
import type { StoredMessage } from "./message-rules.ts";

/** Tells the app what happens, in the form of the Events API. */
export interface FakeEvents {
  /** An event that the app has subscribed to, or nothing. */
  emit(event: FakeEvent): void;
  /** That somebody has posted, and that the bot was mentioned in it. */
  posted(channel: string, message: StoredMessage): void;
  /** That somebody has set a reaction, or taken it away. */
  reacted(reaction: ReactionEvent, at: string): void;
  isSubscribed(type: string): boolean;
}

export interface ReactionEvent {
  readonly type: "reaction_added" | "reaction_removed";
  readonly user: string;
  readonly name: string;
  readonly channel: string;
  readonly ts: string;
}

interface FakeEvent {
  readonly type: string;
  /** Of the message, or of what happened to it. */
  readonly event_ts: string;
  readonly [field: string]: unknown;
}

/** What an app is told unless it chooses: messages, its own among them, mentions, reactions, and the Stop button. */
export const EVENT_TYPES: readonly string[] = [
  "agent_session_stopped",
  "app_mention",
  "message",
  "reaction_added",
  "reaction_removed",
];

export function createEvents(
  subscriptions: readonly string[],
  send: (type: string, payload: unknown) => void,
): FakeEvents {
  const isSubscribed = (type: string): boolean => subscriptions.includes(type);
  const emit = (event: FakeEvent): void => {
    if (isSubscribed(event.type)) send("events_api", callbackOf(event));
  };
  return {
    isSubscribed,
    emit,
    posted(channel, message) {
      const event = { ...message, channel, event_ts: message.ts, team: FAKE_TEAM_ID };
      emit({ ...event, type: "message", channel_type: channelType(channel) });
      const isMention =
        message["user"] !== FAKE_BOT_USER_ID && message.text.includes(`<@${FAKE_BOT_USER_ID}>`);
      if (isMention && channelType(channel) !== "im") emit({ ...event, type: "app_mention" });
    },
    reacted({ type, user, name, channel, ts }, at) {
      emit({ type, user, reaction: name, item: { type: "message", channel, ts }, event_ts: at });
    },
  };
}

function callbackOf(event: FakeEvent): Readonly<Record<string, unknown>> {
  const who = { team_id: FAKE_TEAM_ID, user_id: FAKE_BOT_USER_ID };
  return {
    type: "event_callback",
    team_id: FAKE_TEAM_ID,
    api_app_id: FAKE_APP_ID,
    event,
    event_id: `Ev${crypto.randomUUID().replaceAll("-", "").slice(0, 10).toUpperCase()}`,
    event_time: Math.floor(Number(event.event_ts)),
    authorizations: [{ enterprise_id: null, ...who, is_bot: true, is_enterprise_install: false }],
    is_ext_shared_channel: false,
  };
}

function channelType(channel: string): string {
  if (channel.startsWith("D")) return "im";
  return channel.startsWith("G") ? "group" : "channel";
}
