import type { BotAttribution } from "../attribution.ts";
import type { DeliveryMetadata } from "../delivery-metadata.ts";
import type { SlackWeb } from "../slack-web.ts";
import type { LiveForm, LiveMessage } from "./live-message.ts";
import type { StreamLimits } from "./stream-limits.ts";

/** Where a stream is shown. */
export interface StreamPlace {
  readonly channel: string;
  readonly threadTs: string;
  /** Whom it answers; Slack wants to know outside of direct messages. */
  readonly recipient?: { readonly team: string; readonly user: string } | undefined;
}

export interface NativeFormOptions {
  readonly web: SlackWeb;
  readonly place: StreamPlace;
  readonly author: BotAttribution;
  readonly limits: StreamLimits;
}

/** Slack's own streams: one message grows in its thread, and Slack shows that it does. */
export function createNativeForm({ web, place, author, limits }: NativeFormOptions): LiveForm {
  const { channel, threadTs: thread_ts, recipient } = place;
  const reader = recipient && { recipient_team_id: recipient.team, recipient_user_id: recipient.user };
  return {
    capacity: 11_000,
    size: (text) => Buffer.byteLength(text),
    lifetimeMs: 240_000,
    paceMs: 1_000,
    waitMs: (call) => (call === "open" ? limits.startsInMs() : limits.appendsInMs()),
    async open({ added }, metadata) {
      const { ts } = await web.call("chat.startStream", (sdk) =>
        sdk.chat.startStream({ channel, thread_ts, ...reader, ...author, markdown_text: added }),
      );
      if (ts === undefined) throw new Error("Slack named no timestamp of the stream.");
      limits.open.streams += 1;
      return nativeMessage({ channel, ts, metadata }, web, limits);
    },
  };
}

interface NativeMessage {
  readonly channel: string;
  readonly ts: string;
  readonly metadata: DeliveryMetadata;
}

/** Slack takes metadata at the end of a stream only. */
function nativeMessage(
  { metadata, ...message }: NativeMessage,
  web: SlackWeb,
  limits: StreamLimits,
): LiveMessage {
  return {
    ts: message.ts,
    async grow({ added }) {
      await web.call("chat.appendStream", (sdk) =>
        sdk.chat.appendStream({ ...message, markdown_text: added }),
      );
    },
    async close({ added }, isLast) {
      limits.open.streams -= 1;
      // Without it Slack takes the end of the message for the end of the work.
      const session = isLast ? {} : { session_status: "processing" };
      const rest = added === "" ? {} : { markdown_text: added };
      const end = { ...message, ...rest, ...session, metadata };
      await web.call("chat.stopStream", (sdk) => sdk.chat.stopStream(end));
    },
  };
}
