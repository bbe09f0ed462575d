import type { Delivery, SentPart } from "@core/registry";
import type { SlackClient } from "./client.ts";
import { postedPart } from "./delivery-metadata.ts";
import type { MessageParts } from "./message-parts.ts";
import { formOf } from "./message-parts.ts";
import type { SlackTarget } from "./slack-target.ts";
import { threadOf } from "./slack-target.ts";

/** As much as Slack recommends to ask for at once. */
const PAGE_MESSAGES = 200;

const MAX_PAGES = 10;

/** The clocks of this server and of Slack need not agree. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/**
 * Reads where a delivery went, back to when it was made, and adds its messages to the parts that are known. Null when
 * there is too much to read. Rejects with what the client rejects with.
 */
export async function findPostedParts(
  delivery: Delivery<SlackTarget>,
  messages: MessageParts,
  client: SlackClient,
): Promise<ReadonlyMap<number, SentPart> | null> {
  const { id, target, created_at: createdAt, sent_parts: known } = delivery;
  const parts = new Map(known.map((part) => [part.index, part]));
  const place = { channel: target.channel_id, threadTs: threadOf(target), limit: PAGE_MESSAGES };
  const oldest = slackSeconds(Date.parse(createdAt) - CLOCK_TOLERANCE_MS);
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    if (areAll(parts, messages)) return parts;
    const { messages: page, nextCursor } = await client.readPage({ ...place, oldest, cursor });
    for (const message of page) {
      const part = postedPart(message, id);
      if (part === null || parts.has(part.index)) continue;
      parts.set(part.index, { index: part.index, external_id: part.ts, of: part.of });
    }
    if (nextCursor === undefined) return parts;
    cursor = nextCursor;
  }
  return areAll(parts, messages) ? parts : null;
}

function areAll(found: ReadonlyMap<number, SentPart>, messages: MessageParts): boolean {
  const form = formOf(found.values(), messages);
  return form !== null && found.size >= messages[form].length;
}

function slackSeconds(ms: number): string {
  return (Math.max(ms, 0) / 1_000).toFixed(6);
}
