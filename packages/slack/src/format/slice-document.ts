import type { Atoms } from "./document-atoms.ts";
import type { Block, Cell, Document, DocumentNode, Inline, Row, Table } from "./document.ts";
import { visibleText } from "./document.ts";

/**
 * The part of a document that has these atoms, as a document of its own: what was cut through is whole in it, fences
 * and bold text are closed and opened again, lists count on, and tables have their head.
 */
export function sliceDocument(document: Document, atoms: Atoms, from: number, to: number): Document {
  let [start, end] = [from, to];
  while (start < end && atoms.list[start]?.isBlank) start += 1;
  while (start < end && atoms.list[end - 1]?.isBlank) end -= 1;
  return { type: "root", children: blocksIn(document.children, { atoms, start, end }) };
}

interface Range {
  readonly atoms: Atoms;
  readonly start: number;
  readonly end: number;
}

function spanOf(node: DocumentNode, { atoms }: Range): readonly [number, number] {
  return atoms.spans.get(node) ?? [0, 0];
}

function isIn(node: DocumentNode, range: Range): boolean {
  const [first, end] = spanOf(node, range);
  return first < range.end && end > range.start;
}

function isWhole(node: DocumentNode, range: Range): boolean {
  const [first, end] = spanOf(node, range);
  return first >= range.start && end <= range.end;
}

function blocksIn(blocks: readonly Block[], range: Range): Block[] {
  return blocks
    .filter((block) => isIn(block, range))
    .map((block) => (isWhole(block, range) ? block : blockIn(block, range)));
}

function blockIn(block: Block, range: Range): Block {
  switch (block.type) {
    case "paragraph":
    case "heading":
      return { ...block, children: inlinesIn(block.children, range) };
    case "blockquote":
      return { ...block, children: blocksIn(block.children, range) };
    case "list": {
      const skipped = block.children.findIndex((item) => isIn(item, range));
      const items = block.children.filter((item) => isIn(item, range));
      const children = items.map((item) => ({ ...item, children: blocksIn(item.children, range) }));
      return { ...block, start: block.start + Math.max(skipped, 0), children };
    }
    case "code":
      return { ...block, value: textIn(block, range).replace(/\n$/, "") };
    case "table":
      return tableIn(block, range);
    case "thematicBreak":
      return block;
  }
}

function tableIn(table: Table, range: Range): Table {
  const [head] = table.children;
  const rows = table.children
    .filter((row) => isIn(row, range))
    .map((row): Row => ({ ...row, children: row.children.map((cell) => cellIn(cell, range)) }));
  return { ...table, children: !head || isIn(head, range) ? rows : [head, ...rows] };
}

/** Each cell keeps its column. */
function cellIn(cell: Cell, range: Range): Cell {
  return { ...cell, children: isIn(cell, range) ? inlinesIn(cell.children, range) : [] };
}

function inlinesIn(nodes: readonly Inline[], range: Range): Inline[] {
  return nodes
    .filter((node) => isIn(node, range))
    .map((node) => inlineIn(node, range))
    .filter((node) => visibleText([node]) !== "");
}

function inlineIn(node: Inline, range: Range): Inline {
  switch (node.type) {
    case "text": {
      const text = textIn(node, range);
      const [first, end] = spanOf(node, range);
      const begun = first <= range.start ? text.trimStart() : text;
      return { ...node, value: end >= range.end ? begun.trimEnd() : begun };
    }
    case "inlineCode":
      return { ...node, value: textIn(node, range) };
    case "break":
      return node;
    default:
      return { ...node, children: inlinesIn(node.children, range) };
  }
}

function textIn(node: DocumentNode, range: Range): string {
  const [first, end] = spanOf(node, range);
  return range.atoms.list
    .slice(Math.max(first, range.start), Math.min(end, range.end))
    .map(({ text }) => text)
    .join("");
}
