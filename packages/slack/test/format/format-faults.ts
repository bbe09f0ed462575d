import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import type { Nodes } from "mdast";
import { cutDocument } from "../../src/format/cut-document.ts";
import type { Document, DocumentNode } from "../../src/format/document.ts";
import { encodedUrl } from "../../src/format/link-url.ts";
import { parseDocument } from "../../src/format/parse-document.ts";
import { renderMarkdown } from "../../src/format/render-markdown.ts";
import { renderMrkdwn } from "../../src/format/render-mrkdwn.ts";

/** What is wrong with a document in Slack, in both forms, cut to this limit: "" when nothing is. */
export function formatFault(markdown: string, limit: number): string {
  const document = parseDocument(markdown);
  const parts = [...cutDocument(document, { limit, render: renderMarkdown })];
  const texts = parts.flatMap((part) => [...cutDocument(part, { limit, render: renderMrkdwn })]);
  return (
    lostByReading(markdown, document) ||
    lostByCutting(document, parts, "Markdown") ||
    lostByCutting(document, texts, "mrkdwn") ||
    firstOf(parts, (part) => markdownFault(part, limit)) ||
    firstOf(texts, (part) => mrkdwnFault(part, limit))
  );
}

function firstOf(parts: readonly Document[], faultOf: (part: Document) => string): string {
  return parts.map(faultOf).find((fault) => fault !== "") ?? "";
}

function lostByReading(markdown: string, document: Document): string {
  const source = lettersOf(readable(read(markdown.toWellFormed())));
  return isWithin(source, lettersOf(readable(document))) ? "" : `lost by reading: ${source}`;
}

function lostByCutting(document: Document, parts: readonly Document[], form: string): string {
  const [whole, together] = [bodyOf(document), parts.map(bodyOf).join("")].map(squeezed);
  return whole === together ? "" : `lost by cutting into ${form}:\n${whole}\n${together}`;
}

function markdownFault(part: Document, limit: number): string {
  const text = renderMarkdown(part);
  const nodes = [read(text), part];
  const [shown, meant] = nodes.map((node) => squeezed(readable(node)));
  if (shown !== meant) return `Markdown shows ${shown}\ninstead of    ${meant}\nby\n${text}`;
  const [forms, meantForms] = nodes.map((node) => formsOf(node).join("; "));
  if (forms !== meantForms) return `Markdown has ${forms}\ninstead of   ${meantForms}\nby\n${text}`;
  if (/^&#x20;|&#x20;$/.test(text)) return `a space at the edge: ${text}`;
  return /<(?:https?|mailto):[^<>]*\|/i.test(text) ? `a hidden link: ${text}` : commonFault(text, limit);
}

/** What is more than text, in order. Addresses that are not hidden are text. */
function formsOf(node: Nodes | DocumentNode): string[] {
  const inner = "children" in node ? node.children.flatMap(formsOf) : [];
  switch (node.type) {
    case "root":
    case "paragraph":
    case "text":
      return inner;
    case "inlineCode":
      return [`code ${node.value}`];
    case "code":
      return [`code ${node.lang ?? ""}: ${node.value}`];
    case "link":
      return isHidden(node.url, readable(node)) ? [`link ${encodedUrl(node.url)}`, ...inner] : inner;
    case "heading":
      return [`heading ${node.depth}`, ...inner];
    case "list":
      return [node.ordered ? `list from ${node.start}` : "list", ...inner];
    case "listItem":
      return [node.children[0]?.type === "paragraph" ? `item ${node.checked}` : "item", ...inner];
    default:
      return [node.type, ...inner];
  }
}

function isHidden(url: string, label: string): boolean {
  return !encodedUrl(url).endsWith(encodedUrl(label));
}

function mrkdwnFault(part: Document, limit: number): string {
  const text = renderMrkdwn(part);
  const shown = text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  if (!isWithin(lettersOf(readable(part)), lettersOf(shown))) return `lost in mrkdwn: ${text}`;
  const unescaped = text
    .replaceAll(/<(?:https?:\/\/|mailto:)[^<>|\s]+(?:\|[^<>\n]+)?>/gi, "")
    .replaceAll(/^(?: *> )+/gm, "");
  if (/[<>]|&(?!amp;|lt;|gt;)/.test(unescaped)) return `not escaped: ${unescaped}`;
  const fences = text.match(/```/g)?.length ?? 0;
  return fences === 2 * codesIn(part) ? commonFault(text, limit) : `fences of no code: ${text}`;
}

/** Tables are code, too. */
function codesIn(node: DocumentNode): number {
  if (node.type === "code" || node.type === "table") return 1;
  return "children" in node ? node.children.map(codesIn).reduce((sum, count) => sum + count, 0) : 0;
}

/** What `cutDocument` keeps to. */
const LEAST_LIMIT = 500;

const LIVE = /<(?:!(?:channel|here|everyone|subteam)|@U|#C)/i;

function commonFault(text: string, limit: number): string {
  if (text.length > Math.max(limit, LEAST_LIMIT)) return `${text.length} characters: ${text}`;
  if (text.trim() === "") return "a blank part";
  if (!text.isWellFormed()) return `half a character: ${text}`;
  return LIVE.test(text) ? `takes effect: ${text}` : "";
}

function read(markdown: string): Nodes {
  return fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
}

function readable(node: Nodes | DocumentNode): string {
  if (node.type === "html" && /^<br\s*\/?>$/i.test(node.value)) return "";
  if ("value" in node) return node.value;
  if ("alt" in node) return node.alt ?? "";
  return "children" in node ? node.children.map(readable).join("") : "";
}

/** Without the heads of tables, which every part repeats. */
function bodyOf(node: DocumentNode): string {
  if ("value" in node) return node.value;
  if (node.type === "table") return node.children.slice(1).map(bodyOf).join("");
  return "children" in node ? node.children.map(bodyOf).join("") : "";
}

function squeezed(text: string): string {
  return text.replaceAll(/[\s\u200b]/g, "");
}

function lettersOf(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** Whether all characters of a text are in another, in order. */
function isWithin(text: string, other: string): boolean {
  let at = 0;
  for (const character of other) if (text.startsWith(character, at)) at += character.length;
  return at === text.length;
}
