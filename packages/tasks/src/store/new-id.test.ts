import { describe, expect, it } from "vitest";
import { createIds } from "./new-id.ts";

describe("new ids", () => {
  it("are version 7, all different, and sort in the order they were made", () => {
    const newId = createIds();
    const ids = Array.from({ length: 5_000 }, newId);
    expect(new Set(ids).size).toBe(5_000);
    expect(ids).toEqual(ids.toSorted());
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("of two makers do not meet", () => {
    const [one, other] = [createIds(), createIds()];
    const ids = Array.from({ length: 2_000 }, () => [one(), other()]).flat();
    expect(new Set(ids).size).toBe(4_000);
  });
});
