import type { Delivery, SentPart } from "@core/registry";
import type { SlackClient } from "./client.ts";
import { postedPart } from "./delivery-metadata.ts";
import { layoutOf } from "./reply-layout.ts";
import type { ReplyLayouts } from "./reply-layout.ts";
import { sharedParts } from "./shared-parts.ts";
import type { SlackTarget } from "./slack-target.ts";
import { threadOf } from "./slack-target.ts";
import type { SharingNote } from "./upload-journal.ts";

/** As much as Slack recommends to ask for at once. */
const PAGE_MESSAGES = 200;

const MAX_PAGES = 10;

/** The clocks of this server and of Slack need not agree. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

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
  const { id, target, created_at: createdAt, sent_parts: known } = delivery;
  const parts = new Map(known.map((part) => [part.index, part]));
  const place = { channel: target.channel_id, threadTs: threadOf(target), limit: PAGE_MESSAGES };
  const oldest = slackSeconds(Date.parse(createdAt) - CLOCK_TOLERANCE_MS);
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    if (areAll(parts, layouts)) return parts;
    const { messages: page, nextCursor } = await client.readPage({ ...place, oldest, cursor });
    for (const message of page) {
      for (const part of [...partsIn(message, id), ...sharedParts(message, sharing)]) {
        if (!parts.has(part.index)) parts.set(part.index, part);
      }
    }
    if (nextCursor === undefined) return parts;
    cursor = nextCursor;
  }
  return areAll(parts, layouts) ? parts : null;
}

function areAll(found: ReadonlyMap<number, SentPart>, layouts: ReplyLayouts): boolean {
  const sent = layoutOf([...found.values()], layouts);
  return sent !== null && found.size >= sent.layout.texts[sent.form].length + sent.layout.files.length;
}

function partsIn(message: unknown, deliveryId: string): SentPart[] {
  const posted = postedPart(message, deliveryId);
  if (posted === null) return [];
  const { index, last, of, ts } = posted;
  return Array.from({ length: last - index + 1 }, (_, at) => ({ index: index + at, external_id: ts, of }));
}

function slackSeconds(ms: number): string {
  return (Math.max(ms, 0) / 1_000).toFixed(6);
}
