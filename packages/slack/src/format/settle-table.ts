import type { Table as ParsedTable, TableCell } from "mdast";
import { defusedCode } from "./defused-code.ts";
import type { Block, Cell, Inline, Row, Table } from "./document.ts";
import { toldText, visibleText } from "./document.ts";

/** What Slack takes of one table. */
const COLUMNS = 20;
const ROWS = 100;
const TABLE_CHARACTERS = 8_000;

/** Of a head, with its addresses: it stands above each part of a table. */
const HEAD_CHARACTERS = 300;

/** Makes tables that Slack takes: a long one becomes several, each with the head, and one that is too wide a block of code. */
export function settleTable(
  { align, children }: ParsedTable,
  settleCell: (cell: TableCell) => Inline[],
): Block[] {
  const rows = children.map((row): Row => ({
    type: "tableRow",
    children: row.children.map((cell): Cell => ({ type: "tableCell", children: settleCell(cell) })),
  }));
  const [head, ...body] = rows;
  if (!head) return [];
  const columns = Math.max(...rows.map((row) => row.children.length));
  if (columns > COLUMNS || toldText([head]).length > HEAD_CHARACTERS) return [asCode(rows)];
  // Cells beyond the columns of the head would not be shown.
  const missing = Array.from({ length: columns - head.children.length }, emptyCell);
  const wide: Row = { ...head, children: [...head.children, ...missing] };
  return rowGroups(body).map((group): Table => ({
    type: "table",
    align: align ?? [],
    children: [structuredClone(wide), ...group],
  }));
}

function emptyCell(): Cell {
  return { type: "tableCell", children: [] };
}

function asCode(rows: readonly Row[]): Block {
  const lines = rows.map(({ children }) => children.map((cell) => toldText([cell])).join(" | "));
  return { type: "code", lang: null, value: defusedCode(lines.join("\n")) };
}

function rowGroups(rows: readonly Row[]): Row[][] {
  const groups: Row[][] = [[]];
  let characters = 0;
  for (const row of rows) {
    const size = visibleText([row]).length;
    const isFull = (groups.at(-1)?.length ?? 0) >= ROWS - 1 || characters + size > TABLE_CHARACTERS;
    if (isFull && groups.at(-1)?.length !== 0) {
      groups.push([]);
      characters = 0;
    }
    groups.at(-1)?.push(row);
    characters += size;
  }
  return groups;
}
