import type { ApiAnswer, ApiCall, Args, Method } from "./api-call.ts";
import { accepted, jsonArgument, missingArgument, refused } from "./api-call.ts";
import { blocksRefusal } from "./block-limits.ts";
import type { StoredMessage } from "./message-rules.ts";
import { authorRefusal, findMessage, threadRefusal } from "./message-rules.ts";
import type { SlackEmulator } from "./slack-emulator.ts";
import type { StreamPiece } from "./stream-chunks.ts";
import { streamPiece } from "./stream-chunks.ts";
import type { FakeStreams } from "./streams.ts";

export interface StreamingOptions {
  readonly emulator: SlackEmulator;
  readonly streams: FakeStreams;
  readonly onPosted: (channel: string, message: StoredMessage) => void;
  /** A stream has begun or ended, and its thread's session goes on in this status. */
  readonly onSession: (channel: string, threadTs: string, status: string) => void;
}

/** The three methods of a message that grows while people look at it. The emulator keeps what becomes of it. */
export function streamingMethods(options: StreamingOptions): Readonly<Record<string, Method>> {
  return {
    "chat.startStream": (call) => start(call, options),
    "chat.appendStream": (call) => append(call, options),
    "chat.stopStream": (call) => stop(call, options),
  };
}

async function start(call: ApiCall, options: StreamingOptions): Promise<ApiAnswer> {
  const { emulator, streams, onPosted, onSession } = options;
  const { args, caller } = call;
  const threadTs = args["thread_ts"] ?? "";
  const piece = streamPiece(args);
  if ("ok" in piece) return piece;
  const refusal =
    missingArgument(args, "channel", "thread_ts") ??
    recipientRefusal(args) ??
    displayRefusal(args) ??
    authorRefusal(call) ??
    (await threadRefusal(emulator, args["channel"], threadTs));
  if (refusal !== undefined) return refusal;
  const posted = await emulator.call("chat.postMessage", placeholder(call, piece), caller.token);
  if (!posted.ok) return posted;
  const [channel, ts] = [String(posted["channel"]), String(posted["ts"])];
  streams.open({ channel, ts, threadTs, appId: caller.appId });
  if (!streams.holds(channel, ts, piece)) {
    await emulator.call("chat.delete", { channel, ts }, caller.token);
    return refused("msg_too_long");
  }
  if (hasContent(piece)) streams.add(channel, ts, piece);
  onPosted(channel, { ...(posted["message"] as StoredMessage), text: piece.text });
  onSession(channel, threadTs, "processing");
  return accepted({ channel, ts });
}

/** Outside of direct messages Slack wants to know who reads along. */
function recipientRefusal({ channel = "", ...args }: Args): ApiAnswer | undefined {
  if (channel.startsWith("D") || channel.startsWith("U")) return undefined;
  const missing = ["recipient_team_id", "recipient_user_id"].find((name) => (args[name] ?? "") === "");
  return missing === undefined ? undefined : refused(`missing_${missing}`);
}

function displayRefusal({ task_display_mode: mode = "timeline" }: Args): ApiAnswer | undefined {
  return ["timeline", "plan"].includes(mode)
    ? undefined
    : refused("invalid_arguments", "task_display_mode must be timeline or plan");
}

/** The emulator takes no empty message. */
function placeholder({ args, caller }: ApiCall, piece: StreamPiece): Record<string, string> {
  const { channel = "", thread_ts = "", username, icon_emoji, icon_url } = args;
  const author = { username, icon_emoji, icon_url, bot_id: caller.botId, app_id: caller.appId };
  const named = Object.entries(author).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return { channel, thread_ts, text: piece.text || " ", ...Object.fromEntries(named) };
}

function hasContent({ text, others }: StreamPiece): boolean {
  return text !== "" || others.length > 0;
}

async function append(call: ApiCall, options: StreamingOptions): Promise<ApiAnswer> {
  const { emulator, streams } = options;
  const { channel = "", ts = "" } = call.args;
  const refusal =
    missingArgument(call.args, "channel", "ts") ?? (await stateRefusal(call, emulator, streams));
  if (refusal !== undefined) return refusal;
  const piece = streamPiece(call.args);
  if ("ok" in piece) return piece;
  if (!hasContent(piece))
    return refused("invalid_arguments", "missing required field: markdown_text or chunks");
  if (!streams.holds(channel, ts, piece)) return refused("msg_too_long");
  streams.add(channel, ts, piece);
  return accepted({ channel, ts });
}

async function stop(call: ApiCall, options: StreamingOptions): Promise<ApiAnswer> {
  const { emulator, streams, onSession } = options;
  const { channel = "", ts = "", blocks, metadata, session_status: status = "active" } = call.args;
  const refusal =
    missingArgument(call.args, "channel", "ts") ??
    (blocks === undefined ? undefined : blocksRefusal(jsonArgument(blocks))) ??
    (SESSION_STATES.includes(status) ? undefined : refused("invalid_arguments", "invalid session_status")) ??
    (await stateRefusal(call, emulator, streams));
  if (refusal !== undefined) return refusal;
  const piece = streamPiece(call.args);
  if ("ok" in piece) return piece;
  if (!streams.holds(channel, ts, piece)) return refused("msg_too_long");
  if (hasContent(piece)) streams.add(channel, ts, piece);
  streams.end(channel, ts, "completed");
  const { text = "", threadTs = "" } = streams.find(channel, ts) ?? {};
  const more = { ...(blocks !== undefined && { blocks }), ...(metadata !== undefined && { metadata }) };
  const { message } = await emulator.call("chat.update", { channel, ts, text, ...more }, call.caller.token);
  onSession(channel, threadTs, status);
  return accepted({ channel, ts, message: streams.shown(channel, message as StoredMessage) });
}

export const SESSION_STATES: readonly string[] = ["active", "processing", "suspended", "closed"];

/** The refusal for a message that is not being streamed, or not by this app. */
async function stateRefusal(
  { args, caller }: ApiCall,
  emulator: SlackEmulator,
  streams: FakeStreams,
): Promise<ApiAnswer | undefined> {
  const { channel = "", ts = "" } = args;
  const stream = streams.find(channel, ts);
  if (stream === undefined) {
    const { refusal } = await findMessage(emulator, channel, ts);
    return refusal ?? refused("message_not_in_streaming_state");
  }
  if (stream.appId !== caller.appId) return refused("message_not_owned_by_app");
  if (stream.state === "stopped_by_user") return refused("stopped_by_user");
  return stream.state === "in_progress" ? undefined : refused("message_not_in_streaming_state");
}
