import type { SentPart } from "@core/registry";
import { escapeText } from "./escaped-text.ts";
import type { Document, Inline } from "./format/document.ts";
import { paragraphOf, textNode } from "./format/document.ts";
import { literalDocument, parseDocument } from "./format/parse-document.ts";
import { renderMarkdown } from "./format/render-markdown.ts";
import { renderMrkdwn } from "./format/render-mrkdwn.ts";
import { markdownParts, mrkdwnParts } from "./format/reply.ts";
import { splitText } from "./split-text.ts";

/** What a message says: in Slack's Markdown, or in mrkdwn. */
export type MessageContent = { readonly markdown_text: string } | { readonly text: string };

/** What a text is written in. */
export type TextLanguage = "markdown" | "none";

/** The messages that a text becomes, in order, in each of the two forms. */
export type MessageParts = Readonly<Record<MessageForm, readonly Document[]>>;

export type MessageForm = "markdown" | "mrkdwn";

/**
 * Cuts a text into messages. Where it is cut depends on the text alone, not on names, which may change between two
 * attempts: so a retry goes on exactly behind the last part. A text that has changed itself, such as by a link in it,
 * is told by the number of its parts, and so is the form: cuts of as many parts are the same.
 */
export function messageParts(text: string, language: TextLanguage): MessageParts {
  const document = language === "markdown" ? parseDocument(text) : literalDocument(text);
  const markdown = [...markdownParts(document)];
  return { markdown, mrkdwn: mrkdwnParts(markdown) };
}

/**
 * The form in which parts were posted, `files` of them behind those of the text; Markdown when there are none, null when
 * they belong to another text.
 */
export function formOf(
  sent: Iterable<Pick<SentPart, "of">>,
  parts: MessageParts,
  files: number = 0,
): MessageForm | null {
  const totals = [...sent].flatMap(({ of }) => of ?? []);
  const forms: MessageForm[] = ["markdown", "mrkdwn"];
  return forms.find((form) => totals.every((total) => total === parts[form].length + files)) ?? null;
}

/** Writes a part as it is sent. */
export function contentOf(part: Document, form: MessageForm): MessageContent {
  return form === "markdown" ? { markdown_text: renderMarkdown(part) } : { text: renderMrkdwn(part) };
}

/** The first part below the name of who has delegated the work. */
export function delegatedPart(part: Document, delegatedBy: string): Document {
  const name = headingName(delegatedBy);
  if (name === "") return part;
  return beginningWith(
    part,
    { type: "emphasis", children: [textNode(`Delegated by ${name}`)] },
    { type: "break" },
  );
}

/** The first part under the name of a bot, where Slack does not let the app sign with it. */
export function namedPart(part: Document, username: string): Document {
  const name = headingName(username);
  if (name === "") return part;
  return beginningWith(part, { type: "strong", children: [textNode(name)] }, textNode(": "));
}

function beginningWith(part: Document, heading: Inline, separator: Inline): Document {
  const [first, ...rest] = part.children;
  const children =
    first?.type === "paragraph"
      ? [paragraphOf(heading, separator, ...first.children), ...rest]
      : [paragraphOf(heading), ...part.children];
  return { ...part, children };
}

const NAME_CHARACTERS = 80;

/** A name in one short line. */
function headingName(name: string): string {
  const line = escapeText(name.replaceAll(/\s+/g, " ").trim());
  const [short = ""] = splitText(line, NAME_CHARACTERS);
  return short.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
