import type { Column } from "./table.ts";
import { oneLine, tableLines } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { shownDuration } from "./moments.ts";

type Document = Readonly<Record<string, unknown>>;

/**
 * A JSON document for people: its fields line by line, lists of records as tables; what is null or empty is left out,
 * and nothing is cut.
 */
export function documentLines(document: Document, terminal: Pick<Terminal, "style">): readonly string[] {
  const present = Object.entries(document).filter(([, value]) => !isEmpty(value));
  const fields = present.filter(([, value]) => !isRecords(value));
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  const lines = fields.map(
    ([name, value]) => `${terminal.style("dim", name.padEnd(width))}  ${shown(name, value)}`,
  );
  const tables = present.flatMap(([name, value]) =>
    isRecords(value) ? ["", terminal.style("bold", name), ...recordLines(value, terminal)] : [],
  );
  return [...lines, ...tables];
}

function recordLines(records: readonly Document[], { style }: Pick<Terminal, "style">): readonly string[] {
  const names = new Set(records.flatMap((record) => Object.keys(record)));
  const columns = [...names]
    .filter((name) => records.some((record) => !isEmpty(record[name])))
    .map((name): Column<Document> => ({
      title: titleOf(name),
      cell: (record) => cellOf(name, record[name]),
    }));
  return tableLines(columns, records, { width: null, style });
}

function titleOf(name: string): string {
  return name.replace(/_ms$/, "").replaceAll("_", " ").toUpperCase();
}

function cellOf(name: string, value: unknown): string | number | null {
  if (isEmpty(value)) return null;
  return typeof value === "number" && !name.endsWith("_ms") ? value : shown(name, value);
}

function shown(name: string, value: unknown): string {
  if (typeof value === "number" && name.endsWith("_ms")) return shownDuration(value);
  return typeof value === "string" ? oneLine(value) : oneLine(JSON.stringify(value) ?? "");
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

function isRecords(value: unknown): value is readonly Document[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => typeof item === "object" && item !== null && !Array.isArray(item))
  );
}
