import type { BlockContent, DefinitionContent, ListItem, PhrasingContent, Root, RootContent } from "mdast";
import type { Block, Document, Inline, Item } from "./document.ts";
import { paragraphOf, textNode, visibleText } from "./document.ts";
import { isAllowedUrl } from "./link-url.ts";
import { settleTable } from "./settle-table.ts";

/** Of quotes and lists within each other. What is nested deeper is shown at this depth. */
const MAX_DEPTH = 8;

/**
 * Makes of a parsed tree a document of what Slack can show: HTML is text, images are links, references are what they
 * refer to, and links that lead elsewhere than to http, https or mailto are text with the address behind it.
 */
export function settleTree(root: Root): Document {
  const urls = new Map<string, string>();
  collectUrls(root.children, urls);
  return { type: "root", children: settleBlocks(root.children, { urls, depth: 0 }) };
}

interface Settling {
  /** By the identifiers of their definitions. */
  readonly urls: ReadonlyMap<string, string>;
  readonly depth: number;
}

function collectUrls(nodes: readonly RootContent[], urls: Map<string, string>): void {
  for (const node of nodes) {
    if (node.type === "definition" && !urls.has(node.identifier)) urls.set(node.identifier, node.url);
    if (node.type === "blockquote" || node.type === "list" || node.type === "listItem")
      collectUrls(node.children, urls);
    if (node.type === "footnoteDefinition") collectUrls(node.children, urls);
  }
}

function settleBlocks(nodes: readonly RootContent[], settling: Settling): Block[] {
  return nodes.flatMap((node) => settleBlock(node, settling));
}

function settleBlock(node: RootContent, settling: Settling): Block[] {
  const { depth } = settling;
  const deeper = { ...settling, depth: depth + 1 };
  switch (node.type) {
    case "paragraph":
      return filled(paragraphOf(...settleInlines(node.children, settling)));
    case "heading": {
      const children = onOneLine(settleInlines(node.children, settling));
      return filled({ type: "heading", depth: node.depth, children });
    }
    case "blockquote": {
      const children = settleBlocks(node.children, deeper);
      return depth < MAX_DEPTH ? filled({ type: "blockquote", children }) : children;
    }
    case "list": {
      if (depth >= MAX_DEPTH) return node.children.flatMap((item) => settleBlocks(item.children, deeper));
      const items = node.children.map((item) => settleItem(item, deeper));
      const { ordered, start, spread } = node;
      return filled({
        type: "list",
        ordered: ordered ?? false,
        start: start ?? 1,
        spread: spread ?? false,
        children: items,
      });
    }
    case "code":
      return [{ type: "code", lang: languageOf(node.lang), value: defusedCode(node.value) }];
    case "table":
      return settleTable(node, (cell) => onOneLine(settleInlines(cell.children, settling)));
    case "thematicBreak":
      return [{ type: "thematicBreak" }];
    case "html":
      return htmlParagraphs(node.value);
    case "footnoteDefinition":
      return settleFootnote(node.label ?? node.identifier, node.children, settling);
    default:
      return [];
  }
}

function filled(block: Extract<Block, { children: unknown[] }>): Block[] {
  return block.children.length > 0 ? [block] : [];
}

function settleItem({ checked, spread, children }: ListItem, settling: Settling): Item {
  return {
    type: "listItem",
    checked: checked ?? null,
    spread: spread ?? false,
    children: settleBlocks(children, settling),
  };
}

/** Behind a fence anything may stand; only names of languages are kept. */
function languageOf(lang: string | null | undefined): string | null {
  return lang && /^[\w.#+-]{1,40}$/.test(lang) ? lang : null;
}

function htmlParagraphs(html: string): Block[] {
  return html
    .split(/\n[ \t]*\n/)
    .map((lines) => lines.replaceAll(/^[ \t]+|[ \t]+$/gm, "").trim())
    .filter((lines) => lines !== "")
    .map((lines) => paragraphOf(textNode(lines)));
}

/** A colon behind the label would make Slack take it for the definition of a link, and show nothing. */
function settleFootnote(
  label: string,
  children: readonly (BlockContent | DefinitionContent)[],
  settling: Settling,
): Block[] {
  const [first, ...rest] = settleBlocks(children, settling);
  const mark = textNode(`[${label}] `);
  if (first?.type === "paragraph") return [paragraphOf(mark, ...first.children), ...rest];
  return [paragraphOf(textNode(`[${label}]`)), ...(first ? [first] : []), ...rest];
}

function settleInlines(nodes: readonly PhrasingContent[], settling: Settling): Inline[] {
  return joinedTexts(nodes.flatMap((node) => settleInline(node, settling)));
}

function settleInline(node: PhrasingContent, settling: Settling): Inline[] {
  switch (node.type) {
    case "text":
      return [textNode(node.value)];
    case "html":
      return [/^<br\s*\/?>$/i.test(node.value) ? { type: "break" } : textNode(node.value)];
    case "inlineCode":
      return [{ type: "inlineCode", value: defusedCode(node.value) }];
    case "break":
      return [{ type: "break" }];
    case "strong":
    case "emphasis":
    case "delete": {
      const children = settleInlines(node.children, settling);
      return children.length > 0 ? [{ type: node.type, children }] : [];
    }
    case "link":
      return linkOf(node.url, settleInlines(node.children, settling));
    case "linkReference":
      return linkOf(
        settling.urls.get(node.identifier) ?? "",
        settleInlines(node.children, settling),
      );
    case "image":
      return linkOf(node.url, [textNode(node.alt ?? "")]);
    case "imageReference":
      return linkOf(settling.urls.get(node.identifier) ?? "", [textNode(node.alt ?? "")]);
    case "footnoteReference":
      return [textNode(`[${node.label ?? node.identifier}]`)];
    default:
      return [];
  }
}

function linkOf(url: string, content: Inline[]): Inline[] {
  const children = joinedTexts(content.flatMap(labelOf));
  const label = visibleText(children).trim();
  if (isAllowedUrl(url)) return [{ type: "link", url, children: label === "" ? [textNode(url)] : children }];
  if (url === "" || url === label) return children;
  return [...children, textNode(label === "" ? url : ` (${url})`)];
}

/** Within a link: no other link, one line, and no code whose brackets could end the link. */
function labelOf(node: Inline): Inline[] {
  switch (node.type) {
    case "link":
      return node.children;
    case "break":
      return [textNode(" ")];
    case "inlineCode":
      return [/[[\]]/.test(node.value) ? textNode(node.value) : node];
    case "text":
      return [textNode(node.value.replaceAll(/\s+/g, " "))];
    default:
      return [{ ...node, children: joinedTexts(node.children.flatMap(labelOf)) }];
  }
}

function onOneLine(nodes: readonly Inline[]): Inline[] {
  return joinedTexts(
    nodes.map((node) => {
      if (node.type === "break") return textNode(" ");
      if (node.type === "text") return textNode(node.value.replaceAll(/\s*\n\s*/g, " "));
      return "children" in node ? { ...node, children: onOneLine(node.children) } : node;
    }),
  );
}

function joinedTexts(nodes: readonly Inline[]): Inline[] {
  const joined: Inline[] = [];
  for (const node of nodes) {
    const last = joined.at(-1);
    if (node.type === "text" && last?.type === "text")
      joined[joined.length - 1] = textNode(last.value + node.value);
    else if (node.type !== "text" || node.value !== "") joined.push(node);
  }
  return joined;
}

/** What Slack would take for a mention, a link or a date in spite of the code around it. */
const TOKENS_IN_CODE =
  /<(?=!(?:channel|here|everyone|group|subteam\^|date\^)|@[UWBST]|#[CDG]|(?:https?|mailto|tel|slack):[^<>]*\|)/gi;

/** Entities may show as they are in code, so a space without width parts the tokens. */
function defusedCode(code: string): string {
  return code.replaceAll(TOKENS_IN_CODE, "<\u200b");
}
