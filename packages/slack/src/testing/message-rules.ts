import type { ApiAnswer, ApiCall, Args } from "./api-call.ts";
import { characters, jsonArgument, refused } from "./api-call.ts";
import { blocksRefusal } from "./block-limits.ts";
import { missingScope } from "./fake-tokens.ts";
import type { SlackEmulator } from "./slack-emulator.ts";
import { isTimestamp } from "./slack-time.ts";

export const MARKDOWN_CHARACTERS = 12_000;

/** The refusal that what a message consists of meets, before Slack looks where it goes. */
export function contentRefusal(args: Args): ApiAnswer | undefined {
  const { markdown_text: markdown, text, blocks, attachments, metadata } = args;
  if (markdown !== undefined) {
    if (text !== undefined || blocks !== undefined) return refused("markdown_text_conflict");
    if (characters(markdown) > MARKDOWN_CHARACTERS) return refused("msg_too_long");
  }
  const refusal = blocks === undefined ? undefined : blocksRefusal(jsonArgument(blocks));
  if (refusal !== undefined) return refusal;
  if (metadata !== undefined && !isMetadata(jsonArgument(metadata)))
    return refused("invalid_metadata_format");
  const attached = jsonArgument(attachments);
  if (Array.isArray(attached) && attached.length > 100) return refused("too_many_attachments");
  return undefined;
}

function isMetadata(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if ("entities" in value) return true;
  return "event_type" in value && typeof value.event_type === "string" && "event_payload" in value;
}

/** Whether a message would be empty. */
export function isEmpty({ text = "", markdown_text: markdown = "", blocks, attachments }: Args): boolean {
  return `${text}${markdown}`.trim() === "" && blocks === undefined && attachments === undefined;
}

/** The refusal for a name or a picture that the app may not borrow. */
export function authorRefusal({ args, caller }: ApiCall): ApiAnswer | undefined {
  const isBorrowed = ["username", "icon_emoji", "icon_url"].some((name) => (args[name] ?? "") !== "");
  return isBorrowed ? missingScope(caller, "chat:write.customize") : undefined;
}

/** The refusal for a thread whose first message is not there. What is wrong with the channel is refused elsewhere. */
export async function threadRefusal(
  emulator: SlackEmulator,
  channel = "",
  threadTs = "",
): Promise<ApiAnswer | undefined> {
  if (threadTs === "") return undefined;
  if (!isTimestamp(threadTs)) return refused("invalid_thread_ts", `${threadTs} is not a valid thread_ts`);
  const { refusal } = await findMessage(emulator, channel, threadTs);
  return refusal?.error === "message_not_found" ? refused("thread_not_found") : undefined;
}

/** The refusal for a channel that is not there, or a thread in it. */
export async function placeRefusal(
  emulator: SlackEmulator,
  channel: string,
  threadTs: string,
): Promise<ApiAnswer | undefined> {
  const { ok } = await emulator.call("conversations.info", { channel });
  return ok ? threadRefusal(emulator, channel, threadTs) : refused("channel_not_found");
}

/** One of the two. */
interface FoundMessage {
  readonly message?: StoredMessage;
  readonly refusal?: ApiAnswer;
}

/** Finds one message, or tells whether it or its channel is missing. */
export async function findMessage(
  emulator: SlackEmulator,
  channel: string,
  ts: string,
): Promise<FoundMessage> {
  const found = await emulator.call("reactions.get", { channel, timestamp: ts });
  if (found.ok) return { message: found["message"] as StoredMessage };
  const { ok } = await emulator.call("conversations.info", { channel });
  return { refusal: refused(ok ? "message_not_found" : "channel_not_found") };
}

/** A message as the emulator keeps it. */
export interface StoredMessage {
  readonly ts: string;
  readonly text: string;
  readonly thread_ts?: string;
  readonly reactions?: readonly StoredReaction[];
  readonly [field: string]: unknown;
}

export interface StoredReaction {
  readonly name: string;
  readonly users: readonly string[];
}

/** The messages of an answer that lists some. */
export function messagesOf({ messages }: ApiAnswer): readonly StoredMessage[] {
  return Array.isArray(messages) ? (messages as StoredMessage[]) : [];
}
