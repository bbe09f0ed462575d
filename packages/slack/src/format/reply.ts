import { cutDocument } from "./cut-document.ts";
import type { Document } from "./document.ts";
import { paragraphOf, textNode } from "./document.ts";
import { parseDocument } from "./parse-document.ts";
import { renderMarkdown } from "./render-markdown.ts";
import { renderMrkdwn } from "./render-mrkdwn.ts";

/** What Slack takes as `markdown_text`, and keeps together as `text`. */
export const MARKDOWN_CHARACTERS = 12_000;
export const MRKDWN_CHARACTERS = 4_000;

/** What is left before the text of the first part, for names. */
const HEADING_CHARACTERS = 400;

/**
 * Cuts a document into the messages that it becomes as `markdown_text`. Where it is cut depends on the document alone,
 * so a retry goes on exactly behind the last part that was sent.
 */
export function markdownParts(document: Document): Generator<Document, void> {
  return cutDocument(document, { limit: MARKDOWN_CHARACTERS - HEADING_CHARACTERS, render: renderMarkdown });
}

/**
 * The same for `text`, which holds less. Each part of the one cut becomes one part of the other or several: cuts of as
 * many parts are therefore the same cut.
 */
export function mrkdwnParts(parts: readonly Document[]): Document[] {
  const options = { limit: MRKDWN_CHARACTERS - HEADING_CHARACTERS, render: renderMrkdwn };
  return parts.flatMap((part) => [...cutDocument(part, options)]);
}

/** How a reply goes into Slack: as messages, or as a file below its beginning. */
export type Reply =
  | { readonly parts: readonly Document[] }
  | { readonly file: ReplyFile; readonly beginning: Document };

export interface ReplyFile {
  readonly name: string;
  readonly contentType: string;
  /** As the agent wrote it. */
  readonly text: string;
}

export interface ReplyOptions {
  /** Beyond so many messages a reply becomes a file. Default 5. */
  readonly maxParts?: number | undefined;
}

/** Decides whether a reply in Markdown is a few messages or one file. */
export function composeReply(markdown: string, { maxParts = 5 }: ReplyOptions = {}): Reply {
  const document = parseDocument(markdown);
  const parts: Document[] = [];
  for (const part of markdownParts(document)) {
    if (parts.length >= maxParts) return { file: fileOf(markdown), beginning: beginningOf(document) };
    parts.push(part);
  }
  return { parts };
}

function fileOf(text: string): ReplyFile {
  return { name: "reply.md", contentType: "text/markdown; charset=utf-8", text };
}

const BEGINNING_CHARACTERS = 1_000;

function beginningOf(document: Document): Document {
  const options = { limit: BEGINNING_CHARACTERS, render: renderMarkdown };
  const { value: first } = cutDocument(document, options).next();
  const note = paragraphOf({ type: "emphasis", children: [textNode("The whole reply is in the file.")] });
  return { type: "root", children: [...(first?.children ?? []), note] };
}
