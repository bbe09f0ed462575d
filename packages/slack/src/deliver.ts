import { ambiguous, delivered, retryable } from "@core/registry";
import type { Delivery, DeliveryContext, DeliveryOutcome, FailedDelivery } from "@core/registry";
import { botAttribution } from "./attribution.ts";
import { filesOf, sendFiles } from "./delivery-files.ts";
import { deliveryMetadata } from "./delivery-metadata.ts";
import { deliveryText } from "./delivery-text.ts";
import { isCutOtherwise, messageParts, namedPart } from "./message-parts.ts";
import type { PartsOrder } from "./parts-order.ts";
import type { SlackAccess } from "./slack-access.ts";
import { openSlack } from "./slack-access.ts";
import { lacksScope } from "./slack-error.ts";
import type { SlackMeans } from "./slack-means.ts";
import type { SlackTarget } from "./slack-target.ts";
import { threadOf } from "./slack-target.ts";

/**
 * Makes one attempt: posts the parts of the text that are not there yet, one after the other, then its files, and stops
 * at the first failure.
 */
export async function deliver(
  delivery: Delivery<SlackTarget>,
  context: DeliveryContext,
  means: SlackMeans,
): Promise<DeliveryOutcome> {
  const text = deliveryText(delivery);
  if (typeof text !== "string") return text;
  const access = await openSlack(delivery.target, context, means);
  if ("status" in access) return access;
  const parts = messageParts(text, delivery.delegated_by);
  const total = parts.length + filesOf(delivery).length;
  if (delivery.sent_parts.some((part) => isCutOtherwise(part, total))) return ambiguous(CUT_MOVED);
  const post = postAsBot(delivery, context, access, total);
  const sent = new Map(delivery.sent_parts.map((part) => [part.index, part.external_id]));
  const order = { delivery, context, access, post, sent, total };
  const failure = (await postParts(parts, order)) ?? (await sendFiles(order, parts.length, means));
  if (failure !== null) return failure;
  return delivered({ externalIds: externalIds(sent, total) });
}

async function postParts(parts: readonly string[], order: PartsOrder): Promise<FailedDelivery | null> {
  const { context, access, post, sent, total } = order;
  for (const [index, part] of parts.entries()) {
    if (sent.has(index)) continue;
    if (context.signal.aborted) return retryable(STOPPED);
    const posted = await post(part, index).catch((error: unknown) => access.failureOf(error));
    if (typeof posted !== "string") return posted;
    await context.partSent({ index, external_id: posted, of: total });
    sent.set(index, posted);
  }
  return null;
}

/** In the order of the parts; several that came as one message have one name. */
function externalIds(sent: PartsOrder["sent"], total: number): string[] {
  return [...new Set(Array.from({ length: total }, (_, index) => sent.get(index) ?? []).flat())];
}

const STOPPED = { code: "aborted", message: "The attempt was ended before all of the text was posted." };

const CUT_MOVED = {
  code: "text_changed",
  message: "The text is longer or shorter than when its first messages were posted.",
};

const CUSTOMIZE = "chat:write.customize";

/** Once Slack has refused the bot's name, the app posts under its own, and the first part begins with the bot's. */
function postAsBot(
  { id, bot, target }: Delivery<SlackTarget>,
  { logger }: DeliveryContext,
  { client }: SlackAccess,
  parts: number,
): PartsOrder["post"] {
  let author = botAttribution(bot);
  const place = { channel: target.channel_id, threadTs: threadOf(target) };
  return async (text, index, last) => {
    const message = { ...place, text, author, metadata: deliveryMetadata(id, index, parts, last) };
    try {
      return await client.post(message);
    } catch (error) {
      if (Object.keys(author).length === 0 || !lacksScope(error, CUSTOMIZE)) throw error;
      logger.debug({ delivery_id: id, scope: CUSTOMIZE }, "The app may not post under a bot's name.");
      const named = index === 0 ? namedPart(text, author.username ?? "") : text;
      author = {};
      return client.post({ ...message, author, text: named });
    }
  };
}
