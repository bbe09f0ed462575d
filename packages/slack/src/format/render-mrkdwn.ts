import { escapeText } from "../escaped-text.ts";
import { alignedTable } from "./aligned-table.ts";
import type { Block, Code, Document, Inline, Item, Link, List, Styled, Table } from "./document.ts";
import { toldText, visibleText } from "./document.ts";
import { encodedUrl } from "./link-url.ts";

/** Writes a document as mrkdwn, for `text`: what has no form there, such as headings and tables, in the nearest one. */
export function renderMrkdwn(document: Document): string {
  return blocksText(document.children, 0);
}

/** `depth`: within how many lists. */
function blocksText(blocks: readonly Block[], depth: number): string {
  return blocks.map((block) => blockText(block, depth)).join("\n\n");
}

function blockText(block: Block, depth: number): string {
  switch (block.type) {
    case "paragraph":
      return inlinesText(block.children, []);
    case "heading":
      return styledText("strong", block.children, []);
    case "blockquote":
      return prefixed(blocksText(block.children, depth), "> ");
    case "list":
      return listText(block, depth);
    case "code":
      return fence(block.value);
    case "table":
      return tableText(block);
    case "thematicBreak":
      return "———";
  }
}

function prefixed(text: string, prefix: string): string {
  return text
    .split("\n")
    .map((line) => prefix + line)
    .join("\n");
}

const BULLETS = ["•", "◦"];

function listText({ ordered, start, children }: List, depth: number): string {
  const bullet = BULLETS[depth] ?? "▪";
  return children
    .map((item, index) => itemText(item, ordered ? `${start + index}.` : bullet, depth))
    .join("\n");
}

function itemText({ checked, children }: Item, bullet: string, depth: number): string {
  const [first, ...rest] = children.map((block) => indented(block, blockText(block, depth + 1)));
  const task = checked === null ? "" : checked ? "☑ " : "☐ ";
  const isLine = children[0]?.type === "paragraph" || children[0]?.type === "heading";
  const head = isLine ? (first ?? "").trimStart() : `\n${first ?? ""}`;
  return [`${bullet} ${task}${head}`.trimEnd(), ...rest].join("\n");
}

/** Code keeps its place at the margin, so that it can be copied. */
function indented({ type }: Block, text: string): string {
  return type === "code" || type === "table" ? text : prefixed(text, "    ");
}

function fence(value: Code["value"]): string {
  return `\`\`\`\n${shownText(value)}\n\`\`\``;
}

/** Three accents in a row would begin or end a block of code; a space without width parts them. */
function shownText(value: string): string {
  return escapeText(value).replaceAll(/``(?=`)/g, "``\u200b");
}

function tableText(table: Table): string {
  const cells = table.children.map((row) => row.children.map((cell) => toldText([cell])));
  return fence(alignedTable(table, cells));
}

type Style = Styled["type"];

const MARKS: Readonly<Record<Style, string>> = { strong: "*", emphasis: "_", delete: "~" };

/**
 * A space without width parts marks from letters, where they would not be read, and accents from more of them.
 * `within`: the styles that are on already, which Slack cannot switch on again.
 */
function inlinesText(nodes: readonly Inline[], within: readonly Style[]): string {
  let text = "";
  let isBehindMark = false;
  for (const node of nodes) {
    const next = inlineText(node, within);
    const isMark = node.type in MARKS || node.type === "inlineCode";
    const touches = isMark ? /[\p{L}\p{N}]$/u.test(text) : isBehindMark && /^[\p{L}\p{N}]/u.test(next);
    const isRun = text.endsWith("`") && next.startsWith("`");
    text += touches || isRun ? `\u200b${next}` : next;
    isBehindMark = isMark;
  }
  return text;
}

function inlineText(node: Inline, within: readonly Style[]): string {
  switch (node.type) {
    case "text":
      return shownText(node.value);
    case "inlineCode":
      return inlineCode(node.value);
    case "break":
      return "\n";
    case "link":
      return linkText(node);
    case "strong":
    case "emphasis":
    case "delete":
      return styledText(node.type, node.children, within);
  }
}

/** There is no way to write an accent in code. */
function inlineCode(value: string): string {
  const text = shownText(value);
  return value.includes("`") ? text : `\`${text}\``;
}

/** Formatting has no effect within a link. */
function linkText({ url, children }: Link): string {
  const label = visibleText(children);
  const address = escapeText(encodedUrl(url));
  return label === url ? `<${address}>` : `<${address}|${shownText(label)}>`;
}

/** A mark has to touch its words and to end on its line. */
function styledText(style: Style, nodes: readonly Inline[], within: readonly Style[]): string {
  if (within.includes(style)) return inlinesText(nodes, within);
  const mark = MARKS[style];
  return inlinesText(nodes, [...within, style])
    .split("\n")
    .map((line) => {
      const words = line.trim();
      return words === "" ? line : line.replace(words, () => mark + words + mark);
    })
    .join("\n");
}
