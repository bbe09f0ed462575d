import type { Delivery, DeliveryContext, FailedDelivery, SentPart } from "@core/registry";
import { retryable } from "@core/registry";
import { readHistory } from "../delivery-history.ts";
import { isOfDelivery, postedParts } from "../delivery-metadata.ts";
import type { SlackAccess } from "../slack-access.ts";
import { readSlackOrigin } from "../slack-origin.ts";
import type { SlackTarget } from "../slack-target.ts";
import { threadOf } from "../slack-target.ts";

/** The note of a part that is about to be shown: nobody knows yet as which message. */
export function begunPart(index: number): SentPart {
  return { index, shows: "" };
}

/**
 * The parts of a delivery, with those found of which only the beginning was noted, because an answer was lost or a
 * process died then. What is not there is left out, and so is what Slack does not tell.
 */
export async function findBegunParts(
  delivery: Delivery<SlackTarget>,
  { partSent, logger }: DeliveryContext,
  access: SlackAccess,
): Promise<readonly SentPart[] | FailedDelivery> {
  const parts = new Map(delivery.sent_parts.map((part) => [part.index, part]));
  const begun = [...parts.values()].filter(isBegun);
  if (begun.length === 0) return delivery.sent_parts;
  const found = await findMessages(delivery, begun, access).catch(access.failureOf);
  if ("failure" in found) {
    const { failure, code, message } = found;
    if (failure === "ambiguous") return retryable({ code, message });
    if (code !== "missing_scope") return found;
    logger.warn(
      { delivery_id: delivery.id, code },
      `The beginning of a reply may stay beside it. ${message}`,
    );
  }
  for (const { index } of begun) {
    const part = "failure" in found ? undefined : found.find((one) => one.index === index);
    if (part === undefined) {
      parts.delete(index);
    } else {
      await partSent(part);
      parts.set(index, part);
    }
  }
  return [...parts.values()];
}

function isBegun({ external_id: ts, shows }: SentPart): boolean {
  return ts === undefined && shows !== undefined;
}

/** By its mark; a stream that was broken off has none, and is told by its place. */
async function findMessages(
  delivery: Delivery<SlackTarget>,
  begun: readonly SentPart[],
  { client }: SlackAccess,
): Promise<readonly SentPart[]> {
  const marked: SentPart[] = [];
  const streams: Message[] = [];
  await readHistory(delivery, client, (messages) => {
    marked.push(...messages.flatMap((message) => postedParts(message, delivery.id)));
    streams.push(...messages.map(messageOf).filter(mayBeBegunStream(delivery)));
    return false;
  });
  const unmarked = begun.filter(({ index }) => marked.every((part) => part.index !== index)).at(-1);
  if (unmarked === undefined || streams.length === 0) return marked;
  const botId = await client.botId();
  const stream = streams.findLast((message) => message.botId === botId);
  return stream === undefined ? marked : [...marked, { ...unmarked, external_id: stream.ts }];
}

interface Message {
  readonly ts: string;
  readonly botId: unknown;
  readonly wasStreamed: boolean;
  readonly isMarked: boolean;
}

function messageOf(message: unknown): Message {
  const fields: Readonly<Record<string, unknown>> =
    typeof message === "object" && message !== null ? { ...message } : {};
  const { ts = "", bot_id: botId, streaming_state: state } = fields;
  return { ts: String(ts), botId, wasStreamed: state !== undefined, isMarked: isOfDelivery(message) };
}

/**
 * Only one reply at a time is written in a thread, and all that have ended are marked. So the one that was begun is the
 * last without a mark behind the message that it answers and behind its own earlier parts, by Slack's clock.
 */
function mayBeBegunStream({
  target,
  origin,
  sent_parts: parts,
}: Delivery<SlackTarget>): (message: Message) => boolean {
  const { channel_id: channel, message_ts: asked } = readSlackOrigin(origin) ?? {};
  const own = parts.flatMap(({ external_id: ts }) => ts ?? []);
  const earlier = [threadOf(target), channel === target.channel_id ? asked : undefined, ...own];
  const after = Math.max(0, ...earlier.map(Number).filter(Number.isFinite));
  return ({ ts, wasStreamed, isMarked }) => wasStreamed && !isMarked && Number(ts) > after;
}
