import { TasksError } from "../errors.ts";

/** A page of a list, newest first. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Pass it to read on; null at the end. */
  readonly next_cursor: string | null;
}

export interface PageRequest {
  readonly cursor?: string;
  /** 1 to 200, default 50. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 50;
const LARGEST_LIMIT = 200;

/** How many rows a page has: 50 unless asked, at least 1, at most 200. */
export function pageLimit(asked: number | undefined): number {
  if (asked === undefined || Number.isNaN(asked)) return DEFAULT_LIMIT;
  return Math.min(Math.max(Math.trunc(asked), 1), LARGEST_LIMIT);
}

/** Makes a page of rows that were asked for with one more than its limit. */
export function pageOf<Row extends { readonly seq: number }>(
  list: ListName,
  rows: readonly Row[],
  limit: number,
): Page<Omit<Row, "seq">> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return {
    items: shown.map(({ seq: _seq, ...item }) => item),
    next_cursor: hasMore ? encodeCursor(list, last.seq) : null,
  };
}

/** The place behind a row of a list, as an opaque text that fits no other list. */
export function encodeCursor(list: ListName, seq: number): string {
  return Buffer.from(`${list}:${seq}`).toString("base64url");
}

type ListName = "task" | "delivery";

/** @throws TasksError CURSOR_INVALID */
export function decodeCursor(list: ListName, cursor: string): number {
  const [name, seq = ""] = Buffer.from(cursor, "base64url").toString().split(":");
  if (name === list && /^\d{1,15}$/.test(seq)) return Number(seq);
  const message = "The cursor is not one of this list. Pass next_cursor of the page before, or leave it out.";
  throw new TasksError({
    code: "CURSOR_INVALID",
    message,
    details: { issues: [{ field: "cursor", message }] },
  });
}
