import type {
  BlockContent,
  DefinitionContent,
  List,
  ListItem,
  PhrasingContent,
  Root,
  RootContent,
} from "mdast";
import { defusedCode, inlineCodeNode } from "./defused-code.ts";
import type { Block, Document, Inline, Item, Styled } from "./document.ts";
import { paragraphOf, textNode, visibleText } from "./document.ts";
import { isAllowedUrl } from "./link-url.ts";
import { literalBlocks } from "./literal-blocks.ts";
import { settleTable } from "./settle-table.ts";
import { joinInlines, tidyLine, tidyLines, tidyStyle } from "./tidy-inlines.ts";

/** Of quotes and lists within each other. What is nested deeper is shown at this depth. */
const MAX_DEPTH = 8;

/**
 * Makes of a parsed tree a document of what Slack can show: HTML is text, images are links, references are what they
 * refer to, and links that lead elsewhere than to http, https or mailto are text with the address behind it.
 */
export function settleTree(root: Root): Document {
  const urls = new Map<string, string>();
  collectUrls(root.children, urls);
  return { type: "root", children: settleBlocks(root.children, { urls, depth: 0, styles: [] }) };
}

interface Settling {
  /** By the identifiers of their definitions. */
  readonly urls: ReadonlyMap<string, string>;
  readonly depth: number;
  /** The styles around, which mean nothing within themselves. */
  readonly styles: readonly Styled["type"][];
}

function collectUrls(nodes: readonly RootContent[], urls: Map<string, string>): void {
  for (const node of nodes) {
    if (node.type === "definition" && !urls.has(node.identifier)) urls.set(node.identifier, node.url);
    if ("children" in node) collectUrls(node.children, urls);
  }
}

function settleBlocks(nodes: readonly RootContent[], settling: Settling): Block[] {
  return joinLists(nodes.flatMap((node) => settleBlock(node, settling)));
}

/** Lists without numbers that follow one another are one list, as which they might be read. */
function joinLists(blocks: readonly Block[]): Block[] {
  const all: Block[] = [];
  for (const block of blocks) {
    const last = all.at(-1);
    if (last?.type !== "list" || block.type !== "list" || last.ordered || block.ordered) all.push(block);
    else all[all.length - 1] = { ...last, children: [...last.children, ...block.children] };
  }
  return all;
}

function settleBlock(node: RootContent, settling: Settling): Block[] {
  const { depth } = settling;
  const deeper = { ...settling, depth: depth + 1 };
  switch (node.type) {
    case "paragraph":
      return filled(paragraphOf(...tidyLines(settleInlines(node.children, settling))));
    case "heading": {
      const children = tidyLine(settleInlines(node.children, settling));
      return filled({ type: "heading", depth: node.depth, children });
    }
    case "blockquote": {
      const children = settleBlocks(node.children, deeper);
      return depth < MAX_DEPTH ? filled({ type: "blockquote", children }) : children;
    }
    case "list":
      return settleList(node, deeper);
    case "code":
      return [{ type: "code", lang: languageOf(node.lang), value: defusedCode(node.value) }];
    case "table":
      return settleTable(node, (cell) => tidyLine(settleInlines(cell.children, settling)));
    case "thematicBreak":
      return [{ type: "thematicBreak" }];
    case "html":
      return literalBlocks(node.value);
    case "footnoteDefinition":
      return settleFootnote(node.label ?? node.identifier, node.children, settling);
    default:
      return [];
  }
}

function settleList({ ordered, start, spread, children }: List, settling: Settling): Block[] {
  if (settling.depth > MAX_DEPTH) return children.flatMap((item) => settleBlocks(item.children, settling));
  return filled({
    type: "list",
    ordered: ordered ?? false,
    start: start ?? 1,
    spread: spread ?? false,
    children: children.map((item) => settleItem(item, settling)),
  });
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
  return joinInlines(nodes.flatMap((node) => settleInline(node, settling)));
}

function settleInline(node: PhrasingContent, settling: Settling): Inline[] {
  switch (node.type) {
    case "text":
      return [textNode(node.value)];
    case "html":
      return [/^<br\s*\/?>$/i.test(node.value) ? { type: "break" } : textNode(node.value)];
    case "inlineCode":
      return [node.value.trim() === "" ? textNode(" ") : inlineCodeNode(node.value)];
    case "break":
      return [{ type: "break" }];
    case "strong":
    case "emphasis":
    case "delete": {
      const { styles } = settling;
      const children = settleInlines(node.children, { ...settling, styles: [...styles, node.type] });
      return styles.includes(node.type) ? children : tidyStyle(node.type, children);
    }
    case "link":
      return linkOf(node.url, settleInlines(node.children, settling));
    case "linkReference":
      return linkOf(settling.urls.get(node.identifier) ?? "", settleInlines(node.children, settling));
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

/** A link in a link, such as a picture, is its text: the address around it counts. */
function linkOf(url: string, content: readonly Inline[]): Inline[] {
  const children = tidyLine(content.flatMap(labelOf));
  const label = visibleText(children);
  if (isAllowedUrl(url)) return [{ type: "link", url, children: label === "" ? [textNode(url)] : children }];
  if (url === "" || url === label) return children;
  return [...children, textNode(label === "" ? url : ` (${url})`)];
}

/** Brackets in code could end the link around it. */
function labelOf(node: Inline): Inline[] {
  if (node.type === "inlineCode") return [/[[\]]/.test(node.value) ? textNode(node.value) : node];
  if (node.type === "link") return node.children;
  return ["children" in node ? { ...node, children: node.children.flatMap(labelOf) } : node];
}
