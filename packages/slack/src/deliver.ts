import { ambiguous, delivered, retryable } from "@core/registry";
import type { Delivery, DeliveryContext, DeliveryOutcome } from "@core/registry";
import { botAttribution } from "./attribution.ts";
import { deliveryMetadata } from "./delivery-metadata.ts";
import { deliveryText } from "./delivery-text.ts";
import { isCutOtherwise, messageParts, namedPart } from "./message-parts.ts";
import type { SlackAccess, SlackAccessOptions } from "./slack-access.ts";
import { openSlack } from "./slack-access.ts";
import { lacksScope } from "./slack-error.ts";
import type { SlackTarget } from "./slack-target.ts";
import { threadOf } from "./slack-target.ts";
import { settleShown } from "./streaming/settle-shown.ts";

/** Makes one attempt: posts the parts that are not there yet, one after the other, and stops at the first failure. */
export async function deliver(
  delivery: Delivery<SlackTarget>,
  context: DeliveryContext,
  options: SlackAccessOptions,
): Promise<DeliveryOutcome> {
  const text = deliveryText(delivery);
  if (typeof text !== "string") return text;
  const access = await openSlack(delivery.target, context, options);
  if ("status" in access) return access;
  const parts = messageParts(text, delivery.delegated_by);
  const sent = await settleShown(parts, delivery, context, access);
  return "status" in sent ? sent : postParts(parts, { ...delivery, sent_parts: sent }, context, access);
}

async function postParts(
  parts: readonly string[],
  delivery: Delivery<SlackTarget>,
  context: DeliveryContext,
  access: SlackAccess,
): Promise<DeliveryOutcome> {
  if (delivery.sent_parts.some((part) => isCutOtherwise(part, parts.length))) return ambiguous(CUT_MOVED);
  const sent = new Map(delivery.sent_parts.map((part) => [part.index, part.external_id]));
  const post = postAsBot(delivery, context, access);
  for (const [index, part] of parts.entries()) {
    if (sent.has(index)) continue;
    if (context.signal.aborted) return retryable(STOPPED);
    const posted = await post(part, index, parts.length).catch((error: unknown) => access.failureOf(error));
    if (typeof posted !== "string") return posted;
    await context.partSent({ index, external_id: posted, of: parts.length });
    sent.set(index, posted);
  }
  return delivered({ externalIds: parts.flatMap((_, index) => sent.get(index) ?? []) });
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
): (part: string, index: number, parts: number) => Promise<string> {
  let author = botAttribution(bot);
  const place = { channel: target.channel_id, threadTs: threadOf(target) };
  return async (text, index, parts) => {
    const message = { ...place, text, author, metadata: deliveryMetadata(id, index, parts) };
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
