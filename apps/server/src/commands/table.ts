import type { Terminal } from "./terminal.ts";

/** A column of a table: its title, and what it shows of a row. */
export interface Column<Row> {
  readonly title: string;
  /** Null: nothing. Numbers stand on the right. */
  readonly cell: (row: Row) => string | number | null;
}

const GAP = "  ";

/** The lines of an aligned table, cut where the terminal ends. */
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
    return cut(padded.join(GAP).trimEnd(), width);
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

function cut(line: string, width: number | null): string {
  return width === null || line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
