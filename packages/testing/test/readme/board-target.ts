import type { SchemaIssue, StandardSchema } from "@core/registry";

export interface BoardTarget {
  readonly room: string;
}

/** `{ "room": "hall" }`, written by hand; any library of Standard Schemas does it in a line. */
export const boardTarget: StandardSchema<unknown, BoardTarget> = {
  "~standard": {
    version: 1,
    vendor: "board",
    validate(value) {
      const { room, ...others } = Object(value) as Record<string, unknown>;
      const issues: SchemaIssue[] = Object.keys(others).map((field) => ({
        message: `Unknown field. Remove "${field}".`,
        path: [field],
      }));
      if (typeof room === "string" && /^[a-z]+$/.test(room) && issues.length === 0)
        return { value: { room } };
      return {
        issues: issues.length > 0 ? issues : [{ message: "Name a room, such as hall.", path: ["room"] }],
      };
    },
  },
};
