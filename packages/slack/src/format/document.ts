import type { AlignType } from "mdast";

/**
 * A Markdown document in the few forms that Slack can show. Its texts are what people read, unescaped; where links go
 * has been checked. Each part of it is a tree of mdast, so that what reads those reads these, too.
 */
export interface Document {
  type: "root";
  children: Block[];
}

export type Block = Paragraph | Heading | Quote | List | Code | Table | Rule;

export interface Paragraph {
  type: "paragraph";
  children: Inline[];
}

/** One line. */
interface Heading {
  type: "heading";
  depth: 1 | 2 | 3 | 4 | 5 | 6;
  children: Inline[];
}

interface Quote {
  type: "blockquote";
  children: Block[];
}

export interface List {
  type: "list";
  ordered: boolean;
  /** The number of the first item. */
  start: number;
  spread: boolean;
  children: Item[];
}

export interface Item {
  type: "listItem";
  /** Null: this is no task. */
  checked: boolean | null;
  spread: boolean;
  children: Block[];
}

export interface Code {
  type: "code";
  /** The language. */
  lang: string | null;
  value: string;
}

/** Its first row is the head. */
export interface Table {
  type: "table";
  align: AlignType[];
  children: Row[];
}

export interface Row {
  type: "tableRow";
  children: Cell[];
}

/** One line. */
export interface Cell {
  type: "tableCell";
  children: Inline[];
}

interface Rule {
  type: "thematicBreak";
}

export type Inline = Text | InlineCode | Break | Link | Styled;

export interface Text {
  type: "text";
  value: string;
}

export interface InlineCode {
  type: "inlineCode";
  value: string;
}

interface Break {
  type: "break";
}

/** To http, https or mailto. Not empty, and without another link in it. */
export interface Link {
  type: "link";
  url: string;
  children: Inline[];
}

export interface Styled {
  type: "strong" | "emphasis" | "delete";
  children: Inline[];
}

export type DocumentNode = Document | Block | Item | Row | Cell | Inline;

export function textNode(value: string): Text {
  return { type: "text", value };
}

export function paragraphOf(...children: Inline[]): Paragraph {
  return { type: "paragraph", children };
}

/** What people read of these nodes, without any formatting. */
export function visibleText(nodes: readonly DocumentNode[]): string {
  return nodes.map(textOf).join("");
}

function textOf(node: DocumentNode): string {
  if ("value" in node) return node.value;
  if ("children" in node) return visibleText(node.children);
  return node.type === "break" ? "\n" : "";
}

/** The same where nothing can be pressed, as in code: with the addresses of links behind their texts. */
export function toldText(nodes: readonly DocumentNode[]): string {
  return nodes.map(toldOf).join("");
}

function toldOf(node: DocumentNode): string {
  const text = "children" in node ? toldText(node.children) : visibleText([node]);
  return node.type === "link" && node.url !== text ? `${text} (${node.url})` : text;
}
