import type { Delivery } from "@core/registry";
import type { SlackClient } from "./client.ts";
import type { SlackTarget } from "./slack-target.ts";
import { threadOf } from "./slack-target.ts";

/** As much as Slack recommends to ask for at once. */
const PAGE_MESSAGES = 200;

const MAX_PAGES = 10;

/** The clocks of this server and of Slack need not agree. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/**
 * Gives `look` what stands where a delivery went, page by page, back to when it was made, until it has seen enough and
 * answers true. False when there is too much to read. Rejects as the client does.
 */
export async function readHistory(
  { target, created_at: createdAt }: Delivery<SlackTarget>,
  client: SlackClient,
  look: (messages: readonly unknown[]) => boolean,
): Promise<boolean> {
  const place = { channel: target.channel_id, threadTs: threadOf(target), limit: PAGE_MESSAGES };
  const oldest = slackSeconds(Date.parse(createdAt) - CLOCK_TOLERANCE_MS);
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const { messages, nextCursor } = await client.readPage({ ...place, oldest, cursor });
    if (look(messages) || nextCursor === undefined) return true;
    cursor = nextCursor;
  }
  return false;
}

function slackSeconds(ms: number): string {
  return (Math.max(ms, 0) / 1_000).toFixed(6);
}
