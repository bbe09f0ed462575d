import type { ApiAnswer, ApiCall, Args, Method } from "./api-call.ts";
import { accepted, jsonArgument, missingArgument, refused } from "./api-call.ts";
import { blocksRefusal } from "./block-limits.ts";
import type { Caller } from "./fake-tokens.ts";
import { missingScope } from "./fake-tokens.ts";
import { authorRefusal, messagesOf, threadRefusal } from "./message-rules.ts";
import type { SlackEmulator } from "./slack-emulator.ts";
import type { StreamPiece } from "./stream-chunks.ts";
import { streamPiece } from "./stream-chunks.ts";
import type { FakeStreams } from "./streams.ts";

export interface StreamingOptions {
  readonly emulator: SlackEmulator;
  readonly streams: FakeStreams;
  /** Something was posted there. */
  readonly onPosted: (channel: string, threadTs: string) => void;
  /** A stream has ended, and its session goes on in this status. */
  readonly onStopped: (channel: string, threadTs: string, sessionStatus: string) => void;
}

/** The three methods of a message that grows while people look at it. The emulator keeps what it shows. */
export function streamingMethods(options: StreamingOptions): Readonly<Record<string, Method>> {
  return {
    "chat.startStream": (call) => botOnly(call) ?? start(call, options),
    "chat.appendStream": (call) => botOnly(call) ?? append(call, options),
    "chat.stopStream": (call) => botOnly(call) ?? stop(call, options),
  };
}

function botOnly({ caller }: ApiCall): ApiAnswer | undefined {
  if (caller.kind !== "bot") return refused("not_allowed_token_type");
  return missingScope(caller, "chat:write");
}

async function start(call: ApiCall, options: StreamingOptions): Promise<ApiAnswer> {
  const { emulator, streams, onPosted } = options;
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
  if (piece.text === "") await show(options, caller, { channel, ts });
  onPosted(channel, threadTs);
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
  await show(options, call.caller, { channel, ts });
  return accepted({ channel, ts });
}

async function stop(call: ApiCall, options: StreamingOptions): Promise<ApiAnswer> {
  const { emulator, streams, onStopped } = options;
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
  const more = { ...(blocks !== undefined && { blocks }), ...(metadata !== undefined && { metadata }) };
  const { message } = await show(options, call.caller, { channel, ts, ...more });
  streams.end(channel, ts, "completed");
  onStopped(channel, streams.find(channel, ts)?.threadTs ?? "", status);
  return accepted({ channel, ts, message });
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
    const found = await emulator.call("conversations.replies", { channel, ts });
    if (!found.ok) return refused(found.error ?? "channel_not_found");
    return refused(messagesOf(found).length > 0 ? "message_not_in_streaming_state" : "message_not_found");
  }
  if (stream.appId !== caller.appId) return refused("message_not_owned_by_app");
  if (stream.state === "stopped_by_user") return refused("stopped_by_user");
  return stream.state === "in_progress" ? undefined : refused("message_not_in_streaming_state");
}

/** Lets the emulator keep what the stream shows now. */
function show(
  { emulator, streams }: StreamingOptions,
  { token }: Caller,
  message: Args & { readonly channel: string; readonly ts: string },
): Promise<ApiAnswer> {
  const text = streams.find(message.channel, message.ts)?.text ?? "";
  return emulator.call("chat.update", { ...message, text }, token);
}
