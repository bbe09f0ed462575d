import { TasksError } from "../errors.ts";
import { isUuid } from "./uuid.ts";

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

/** Makes a page of rows that were asked for with one more than its limit; `placeOf` is what they are ordered by. */
export function pageOf<Item>(
  list: ListName,
  items: readonly Item[],
  limit: number,
  placeOf: (item: Item) => string,
): Page<Item> {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = items.length > limit && last !== undefined;
  return { items: shown, next_cursor: hasMore ? encodeCursor(list, placeOf(last)) : null };
}

/** The place behind an item of a list, as an opaque text that fits no other list. */
export function encodeCursor(list: ListName, place: string): string {
  return Buffer.from(`${list}:${place}`).toString("base64url");
}

type ListName = "task" | "delivery" | "schedule";

/** @throws TasksError CURSOR_INVALID */
export function decodeCursor(list: ListName, cursor: string): string {
  const [name, place = ""] = Buffer.from(cursor, "base64url").toString().split(":");
  if (name === list && isUuid(place)) return place;
  const message = "The cursor is not one of this list. Pass next_cursor of the page before, or leave it out.";
  throw new TasksError({
    code: "CURSOR_INVALID",
    message,
    details: { issues: [{ field: "cursor", message }] },
  });
}
