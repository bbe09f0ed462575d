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

/** The place behind a row, as an opaque text. */
export function encodeCursor(seq: number): string {
  return Buffer.from(`s${seq}`).toString("base64url");
}

/** @throws TasksError CURSOR_INVALID */
export function decodeCursor(cursor: string): number {
  const match = /^s(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString());
  if (match?.[1] !== undefined) return Number(match[1]);
  const message = "The cursor is not one of ours. Pass next_cursor of the page before, or leave it out.";
  throw new TasksError({
    code: "CURSOR_INVALID",
    message,
    details: { issues: [{ field: "cursor", message }] },
  });
}
