import type { Table } from "./document.ts";

/** A cell that is wider does not push the others of its column away. */
const CELL_CHARACTERS = 32;

/** Writes a table as lines of equally wide columns, for letters of equal width. */
export function alignedTable({ align, children }: Table, cells: readonly (readonly string[])[]): string {
  const columns = Math.max(...children.map((row) => row.children.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.min(Math.max(...cells.map((row) => widthOf(row[column] ?? "")), 3), CELL_CHARACTERS),
  );
  const lines = cells.map((row) =>
    widths.map((width, column) => padded(row[column] ?? "", width, align[column])).join(" | "),
  );
  const [head = "", ...body] = lines;
  const line = widths.map((width) => "-".repeat(width)).join("-|-");
  return [head, line, ...body].map((row) => row.trimEnd()).join("\n");
}

function padded(cell: string, width: number, align: Table["align"][number] | undefined): string {
  const room = Math.max(width - widthOf(cell), 0);
  const before = align === "right" ? room : align === "center" ? Math.floor(room / 2) : 0;
  return " ".repeat(before) + cell + " ".repeat(room - before);
}

function widthOf(text: string): number {
  return Array.from(text).length;
}
