import type { Terminal } from "./terminal.ts";

/** A column of a table: its title, and what it shows of a row. */
export interface Column<Row> {
  readonly title: string;
  /** Null: nothing. Numbers stand on the right. */
  readonly cell: (row: Row) => string | number | null;
}

const GAP = "  ";
/** Narrower than this, the last column is of no use. */
const NARROWEST = 10;

/** The lines of an aligned table. On a terminal its last column is cut, so that no line breaks. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, style }: Pick<Terminal, "width" | "style">,
): readonly string[] {
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  const texts = cells.map((line) => line.map(textOf));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...texts.map((line) => line[index]?.length ?? 0)),
  );
  const isNumeric = columns.map((_, index) => cells.some((line) => typeof line[index] === "number"));
  const lineOf = (line: readonly string[]): string => {
    const padded = line.map((text, index) =>
      isNumeric[index] ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0),
    );
    return cut(padded.join(GAP), lastStart(widths), width).trimEnd();
  };
  return [style("bold", lineOf(columns.map(({ title }) => title))), ...texts.map(lineOf)];
}

/** A value on one line: what would move the cursor, in a prompt that anybody wrote, is a blank. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

function textOf(value: string | number | null): string {
  if (value === null) return "";
  return typeof value === "number" ? value.toLocaleString("en-US") : oneLine(value);
}

function lastStart(widths: readonly number[]): number {
  return widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0);
}

function cut(line: string, lastColumn: number, width: number | null): string {
  if (width === null || width < lastColumn + NARROWEST || line.trimEnd().length <= width) return line;
  return `${line.slice(0, width - 1)}…`;
}
