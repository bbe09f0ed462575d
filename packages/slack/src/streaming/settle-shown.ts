import type { Delivery, DeliveryContext, FailedDelivery, SentPart } from "@core/registry";
import { retryable } from "@core/registry";
import type { DeliveryMetadata } from "../delivery-metadata.ts";
import { deliveryMetadata } from "../delivery-metadata.ts";
import type { Document } from "../format/document.ts";
import type { MessageContent, MessageForm } from "../message-parts.ts";
import { contentOf } from "../message-parts.ts";
import type { SlackAccess } from "../slack-access.ts";
import type { SlackTarget } from "../slack-target.ts";
import { fingerprint } from "./fingerprint.ts";

/**
 * Makes the messages that were shown while the text grew say what the parts of the whole text say, and takes back those
 * that are too many; what says so already is not touched. Gives back the parts that are sent: without those whose
 * message is gone, or cannot be changed any more.
 */
export async function settleShown(
  { texts, form }: FinalTexts,
  { id, sent_parts: noted, target }: Delivery<SlackTarget>,
  { partSent }: DeliveryContext,
  access: SlackAccess,
): Promise<readonly SentPart[] | FailedDelivery> {
  const sent = new Map(noted.map((part) => [part.index, part]));
  for (const { index, external_id: ts = "", shows } of sent.values()) {
    const part = texts[index];
    const content = part === undefined ? null : contentOf(part, form);
    if (shows === undefined || (content !== null && shows === fingerprint(content))) continue;
    const message = { channel: target.channel_id, ts, metadata: deliveryMetadata(id, { index }) };
    const failure = await change({ ...message, content }, access);
    if (failure !== null && failure.failure !== "permanent") return failure;
    if (content !== null && failure === null) {
      await partSent({ index, external_id: ts, shows: fingerprint(content) });
      continue;
    }
    sent.delete(index);
    // What says the wrong thing for good is better gone, if that is possible.
    if (content !== null) await change({ ...message, content: null }, access);
  }
  return [...sent.values()];
}

/** What the messages of a whole text say, in order. */
export interface FinalTexts {
  readonly texts: readonly Document[];
  readonly form: MessageForm;
}

interface Change {
  readonly channel: string;
  readonly ts: string;
  /** What a stream that was broken off has not got. */
  readonly metadata: DeliveryMetadata;
  /** Null: the message is taken back. */
  readonly content: MessageContent | null;
}

/** A change that may have been made is made once more: it comes to the same. */
async function change(message: Change, access: SlackAccess): Promise<FailedDelivery | null> {
  const failure = await failureOfChange(message, access);
  if (failure?.failure !== "ambiguous") return failure;
  return retryable({ code: failure.code, message: failure.message });
}

/** What a crash has left may still be streaming, and takes no change before that has ended. */
async function failureOfChange(message: Change, access: SlackAccess): Promise<FailedDelivery | null> {
  const first = await attempt(() => applyChange(message, access), access);
  if (first?.code !== "streaming_state_conflict") return first;
  const { channel, ts } = message;
  const end = (): Promise<unknown> =>
    access.web.call("chat.stopStream", (sdk) => sdk.chat.stopStream({ channel, ts }));
  return (await attempt(end, access)) ?? attempt(() => applyChange(message, access), access);
}

function applyChange({ content, ...message }: Change, { client }: SlackAccess): Promise<void> {
  return content === null ? client.remove(message) : client.edit({ ...message, content });
}

async function attempt(
  call: () => Promise<unknown>,
  { failureOf }: SlackAccess,
): Promise<FailedDelivery | null> {
  try {
    await call();
    return null;
  } catch (error) {
    return failureOf(error);
  }
}
