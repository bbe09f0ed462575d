import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCursor, encodeCursor, pageLimit } from "./page.ts";

describe("page cursors", () => {
  it("come back as the place they were made of", () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(decodeCursor("task", encodeCursor("task", id))).toBe(id);
        expect(encodeCursor("task", id)).toMatch(/^[\w-]+$/);
      }),
    );
  });

  it.each([
    "",
    "nonsense",
    "5",
    encodeCursor("task", "5"),
    encodeCursor("task", ""),
    encodeCursor("delivery", "0192f0c4-0000-7000-8000-000000000000"),
  ])("that are not ours are refused by field: %j", (cursor) => {
    expect(() => decodeCursor("task", cursor)).toThrow(
      expect.objectContaining({
        code: "CURSOR_INVALID",
        details: { issues: [{ field: "cursor", message: expect.any(String) }] },
      }),
    );
  });
});

describe("pageLimit", () => {
  it.each([
    [undefined, 50],
    [Number.NaN, 50],
    [0, 1],
    [-7, 1],
    [1, 1],
    [2.9, 2],
    [200, 200],
    [201, 200],
    [Number.POSITIVE_INFINITY, 200],
  ])("turns %s into %s", (asked, limit) => {
    expect(pageLimit(asked)).toBe(limit);
  });
});
