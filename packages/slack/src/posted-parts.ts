import type { Delivery, SentPart } from "@core/registry";
import type { SlackClient } from "./client.ts";
import { readHistory } from "./delivery-history.ts";
import { postedParts } from "./delivery-metadata.ts";
import { layoutOf } from "./reply-layout.ts";
import type { ReplyLayouts } from "./reply-layout.ts";
import { sharedParts } from "./shared-parts.ts";
import type { SlackTarget } from "./slack-target.ts";
import type { SharingNote } from "./upload-journal.ts";

/**
 * Reads where a delivery went, back to when it was made, and adds its messages to the parts that are known. `sharing`
 * names the files that may be among them. Null when there is too much to read. Rejects as the client does.
 */
export async function findPostedParts(
  delivery: Delivery<SlackTarget>,
  layouts: ReplyLayouts,
  client: SlackClient,
  sharing: SharingNote | null,
): Promise<ReadonlyMap<number, SentPart> | null> {
  const parts = new Map(delivery.sent_parts.map((part) => [part.index, part]));
  if (areAll(parts, layouts)) return parts;
  const isRead = await readHistory(delivery, client, (messages) => {
    for (const message of messages) {
      for (const part of [...postedParts(message, delivery.id), ...sharedParts(message, sharing)]) {
        if (!parts.has(part.index)) parts.set(part.index, part);
      }
    }
    return areAll(parts, layouts);
  });
  return isRead ? parts : null;
}

function areAll(found: ReadonlyMap<number, SentPart>, layouts: ReplyLayouts): boolean {
  const sent = layoutOf([...found.values()], layouts);
  return sent !== null && found.size >= sent.layout.texts[sent.form].length + sent.layout.files.length;
}
