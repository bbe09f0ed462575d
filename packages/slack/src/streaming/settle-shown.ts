import type { Delivery, DeliveryContext, FailedDelivery, SentPart } from "@core/registry";
import { deliveryMetadata } from "../delivery-metadata.ts";
import type { Document } from "../format/document.ts";
import { changeMessage } from "../message-change.ts";
import type { MessageForm } from "../message-parts.ts";
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
    // A stream that was broken off has no metadata.
    const message = { channel: target.channel_id, ts, metadata: deliveryMetadata(id, { index }) };
    const failure = await changeMessage({ ...message, content }, access);
    if (failure !== null && failure.failure !== "permanent") return failure;
    if (content !== null && failure === null) {
      await partSent({ index, external_id: ts, shows: fingerprint(content) });
      continue;
    }
    sent.delete(index);
    // What says the wrong thing for good is better gone, if that is possible.
    if (content !== null) await changeMessage({ ...message, content: null }, access);
  }
  return [...sent.values()];
}

/** What the messages of a whole text say, in order. */
export interface FinalTexts {
  readonly texts: readonly Document[];
  readonly form: MessageForm;
}
