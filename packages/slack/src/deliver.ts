import { ambiguous, delivered, retryable } from "@core/registry";
import type { Delivery, DeliveryContext, DeliveryOutcome, FailedDelivery } from "@core/registry";
import { botAttribution } from "./attribution.ts";
import { sendFiles } from "./delivery-files.ts";
import { deliveryMetadata } from "./delivery-metadata.ts";
import { deliveryText } from "./delivery-text.ts";
import type { Document } from "./format/document.ts";
import { refusesMarkdown } from "./markdown-refusal.ts";
import type { MessageForm } from "./message-parts.ts";
import { contentOf, delegatedPart, namedPart } from "./message-parts.ts";
import type { PartsOrder } from "./parts-order.ts";
import type { ChosenLayout, ReplyLayout } from "./reply-layout.ts";
import { layoutOf, layoutsOf } from "./reply-layout.ts";
import type { SlackAccess } from "./slack-access.ts";
import { openSlack } from "./slack-access.ts";
import { lacksScope } from "./slack-error.ts";
import type { SlackMeans } from "./slack-means.ts";
import type { SlackTarget } from "./slack-target.ts";
import { threadOf } from "./slack-target.ts";
import { findBegunParts } from "./streaming/begun-parts.ts";
import { settleShown } from "./streaming/settle-shown.ts";

/**
 * Makes one attempt: posts the parts of the text that are not there yet, one after the other, then its files, and stops
 * at the first failure.
 */
export async function deliver(
  given: Delivery<SlackTarget>,
  context: DeliveryContext,
  means: SlackMeans,
): Promise<DeliveryOutcome> {
  const text = deliveryText(given);
  if (typeof text !== "string") return text;
  const access = await openSlack(given.target, context, means);
  if ("status" in access) return access;
  const parts = await findBegunParts(given, context, access);
  if ("status" in parts) return parts;
  const delivery = { ...given, sent_parts: parts };
  const chosen = await chooseLayout(text, delivery, access, means);
  if (chosen === null) return ambiguous(CUT_MOVED);
  const { layout, form } = chosen;
  const texts = layout.texts[form].map((part, index) =>
    index === 0 ? delegatedPart(part, delivery.delegated_by ?? "") : part,
  );
  const settled = await settleShown({ texts, form }, delivery, context, access);
  if ("status" in settled) return settled;
  const sent = new Map(settled.map((part) => [part.index, part.external_id]));
  const order = { delivery, context, access, sent, post: postAsBot(delivery, context, access) };
  const firstPart = await postParts(form, layout.texts[form], { ...order, layout });
  if (typeof firstPart !== "number") return firstPart;
  const { files } = layout;
  const total = firstPart + files.length;
  const failure = await sendFiles({ ...order, files, firstPart, total }, means);
  return failure ?? delivered({ externalIds: externalIds(sent, total) });
}

/** Goes on as it was begun; a long text begins as a file only where the app may upload one. */
async function chooseLayout(
  text: string,
  delivery: Delivery<SlackTarget>,
  access: SlackAccess,
  means: SlackMeans,
): Promise<ChosenLayout | null> {
  const layouts = layoutsOf(text, delivery, means);
  const isNew = delivery.sent_parts.length === 0;
  if (!isNew || layouts.file === null || !(await access.client.mayUpload())) {
    return layoutOf(delivery.sent_parts, layouts);
  }
  return { layout: layouts.file, form: "markdown" };
}

interface TextOrder extends PartsOrder {
  readonly layout: ReplyLayout;
}

/** How many parts the text has, once all of them are there. */
async function postParts(
  form: MessageForm,
  cut: readonly Document[],
  order: TextOrder,
): Promise<number | FailedDelivery> {
  const { layout, sent, context, access } = order;
  const of = cut.length + layout.files.length;
  for (const [index, part] of cut.entries()) {
    if (sent.has(index)) continue;
    if (context.signal.aborted) return retryable(STOPPED);
    const posted = await postPart(part, { index, of }, form, order).catch((error: unknown) => ({ error }));
    if (typeof posted !== "string") {
      if (form === "mrkdwn" || !refusesMarkdown(posted.error)) return access.failureOf(posted.error);
      // Behind the first message the cut has to stay; Slack takes longer texts than it keeps together.
      return postParts("mrkdwn", sent.size === 0 ? layout.texts.mrkdwn : cut, order);
    }
    sent.set(index, posted);
    await context.partSent({ index, external_id: posted, of });
  }
  return cut.length;
}

function postPart(
  part: Document,
  place: { readonly index: number; readonly of: number },
  form: MessageForm,
  { delivery: { delegated_by: delegatedBy = "" }, post }: PartsOrder,
): Promise<string> {
  if (place.index > 0) return post(() => contentOf(part, form), place);
  const first = delegatedPart(part, delegatedBy);
  return post((username) => contentOf(namedPart(first, username), form), place);
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

/** Once Slack has refused the bot's name, the app posts under its own. */
function postAsBot(
  { id, bot, target }: Delivery<SlackTarget>,
  { logger }: DeliveryContext,
  { client }: SlackAccess,
): PartsOrder["post"] {
  let author = botAttribution(bot);
  const place = { channel: target.channel_id, threadTs: threadOf(target) };
  return async (write, part) => {
    const message = { ...place, metadata: deliveryMetadata(id, part) };
    try {
      return await client.post({ ...message, author, content: write("") });
    } catch (error) {
      if (Object.keys(author).length === 0 || !lacksScope(error, CUSTOMIZE)) throw error;
      logger.debug({ delivery_id: id, scope: CUSTOMIZE }, "The app may not post under a bot's name.");
      const { username = "" } = author;
      author = {};
      return client.post({ ...message, author, content: write(username) });
    }
  };
}
