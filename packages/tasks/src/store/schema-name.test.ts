import { describe, expect, it } from "vitest";
import { checkedSchema } from "./schema-name.ts";

describe("the name of the schema", () => {
  it.each(["tasks", "Tasks_2", "_", "a".repeat(48)])("may be %s", (name) => {
    expect(checkedSchema(name)).toBe(name);
  });

  it.each(["", "2nd", "a b", 'a"b', "a$$b", "straße", "a".repeat(49), "pg.tasks"])(
    "may not be %s",
    (name) => {
      expect(() => checkedSchema(name)).toThrow(
        expect.objectContaining({
          code: "OPTIONS_INVALID",
          details: { issues: [expect.objectContaining({ field: "schema" })] },
        }),
      );
    },
  );
});
