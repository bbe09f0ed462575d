import { ambiguous, delivered, retryable } from "@core/registry";
import type { Delivery, DeliveryContext, DeliveryOutcome } from "@core/registry";
import { botAttribution } from "./attribution.ts";
import { deliveryMetadata } from "./delivery-metadata.ts";
import { deliveryLanguage, deliveryText } from "./delivery-text.ts";
import type { Document } from "./format/document.ts";
import { refusesMarkdown } from "./markdown-refusal.ts";
import type { MessageForm, MessageParts } from "./message-parts.ts";
import { contentOf, delegatedPart, formOf, messageParts, namedPart } from "./message-parts.ts";
import type { SlackAccess, SlackAccessOptions } from "./slack-access.ts";
import { openSlack } from "./slack-access.ts";
import { lacksScope } from "./slack-error.ts";
import type { SlackTarget } from "./slack-target.ts";
import { threadOf } from "./slack-target.ts";

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
  const parts = messageParts(text, deliveryLanguage(delivery));
  const form = formOf(delivery.sent_parts, parts);
  if (form === null) return ambiguous(CUT_MOVED);
  const sent = new Map(delivery.sent_parts.map((part) => [part.index, part.external_id]));
  const post = postAsBot(delivery, context, access);
  return postParts(form, parts[form], { parts, sent, post, context, access });
}

interface Posting {
  readonly parts: MessageParts;
  /** The timestamps of the messages that are there, by the numbers of their parts. */
  readonly sent: Map<number, string | undefined>;
  readonly post: (part: Document, index: number, of: number, form: MessageForm) => Promise<string>;
  readonly context: DeliveryContext;
  readonly access: SlackAccess;
}

async function postParts(
  form: MessageForm,
  cut: readonly Document[],
  posting: Posting,
): Promise<DeliveryOutcome> {
  const { parts, sent, post, context, access } = posting;
  for (const [index, part] of cut.entries()) {
    if (sent.has(index)) continue;
    if (context.signal.aborted) return retryable(STOPPED);
    const posted = await post(part, index, cut.length, form).catch((error: unknown) => ({ error }));
    if (typeof posted !== "string") {
      if (form === "mrkdwn" || !refusesMarkdown(posted.error)) return access.failureOf(posted.error);
      // Behind the first message the cut has to stay; Slack takes longer texts than it keeps together.
      return postParts("mrkdwn", sent.size === 0 ? parts.mrkdwn : cut, posting);
    }
    sent.set(index, posted);
    await context.partSent({ index, external_id: posted, of: cut.length });
  }
  return delivered({ externalIds: cut.flatMap((_, index) => sent.get(index) ?? []) });
}

const STOPPED = { code: "aborted", message: "The attempt was ended before all of the text was posted." };

const CUT_MOVED = {
  code: "text_changed",
  message: "The text is longer or shorter than when its first messages were posted.",
};

const CUSTOMIZE = "chat:write.customize";

/** Once Slack has refused the bot's name, the app posts under its own, and the first part begins with the bot's. */
function postAsBot(
  { id, bot, target, delegated_by: delegatedBy = "" }: Delivery<SlackTarget>,
  { logger }: DeliveryContext,
  { client }: SlackAccess,
): Posting["post"] {
  let author = botAttribution(bot);
  const place = { channel: target.channel_id, threadTs: threadOf(target) };
  return async (part, index, of, form) => {
    const first = index === 0 ? delegatedPart(part, delegatedBy) : part;
    const message = { ...place, author, metadata: deliveryMetadata(id, index, of) };
    try {
      return await client.post({ ...message, content: contentOf(first, form) });
    } catch (error) {
      if (Object.keys(author).length === 0 || !lacksScope(error, CUSTOMIZE)) throw error;
      logger.debug({ delivery_id: id, scope: CUSTOMIZE }, "The app may not post under a bot's name.");
      const named = index === 0 ? namedPart(first, author.username ?? "") : first;
      author = {};
      return client.post({ ...message, author, content: contentOf(named, form) });
    }
  };
}
