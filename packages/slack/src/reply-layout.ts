import type { Delivery, SentPart } from "@core/registry";
import type { BroughtFile } from "./brought-files.ts";
import { fileOfReply, filesOf } from "./brought-files.ts";
import { deliveryLanguage } from "./delivery-text.ts";
import { composeReply } from "./format/reply.ts";
import type { MessageForm, MessageParts } from "./message-parts.ts";
import { formOf, messageParts } from "./message-parts.ts";
import type { SlackMeans } from "./slack-means.ts";

/** What a delivery may become in Slack: messages, and files behind them. */
export interface ReplyLayout {
  readonly texts: MessageParts;
  readonly files: readonly BroughtFile[];
}

/** The ways in which a delivery may appear. */
export interface ReplyLayouts {
  readonly messages: ReplyLayout;
  /** The beginning of the text, with all of it in a file; null for a text of a few messages. */
  readonly file: ReplyLayout | null;
}

/** How a delivery appears, and in which form its texts are written. */
export interface ChosenLayout {
  readonly layout: ReplyLayout;
  readonly form: MessageForm;
}

/** Each way has another number of parts, which tells them apart later. */
export function layoutsOf(
  text: string,
  delivery: Delivery,
  { files: store }: Pick<SlackMeans, "files">,
): ReplyLayouts {
  const language = deliveryLanguage(delivery);
  const files = filesOf(delivery, store);
  const messages = { texts: messageParts(text, language), files };
  if (language === "none") return { messages, file: null };
  const reply = composeReply(text);
  if ("parts" in reply) return { messages, file: null };
  const beginning = [reply.beginning];
  const file = {
    texts: { markdown: beginning, mrkdwn: beginning },
    files: [fileOfReply(reply.file), ...files],
  };
  return { messages, file };
}

/** The layout and the form in which parts were sent; null when they belong to another text. */
export function layoutOf(
  sent: readonly Pick<SentPart, "of">[],
  { messages, file }: ReplyLayouts,
): ChosenLayout | null {
  for (const layout of file === null ? [messages] : [messages, file]) {
    const form = formOf(sent, layout.texts, layout.files.length);
    if (form !== null) return { layout, form };
  }
  return null;
}
