import type { FieldIssue } from "@core/registry";

export const NAME_LIMIT = 255;

/** Whether a value is a text as long as a name may be. */
export function hasLengthOfName(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= NAME_LIMIT;
}

/** What an input has and should not have. */
export function unknownFields(input: object, known: readonly string[]): FieldIssue[] {
  return Object.keys(input)
    .filter((field) => !known.includes(field))
    .map(unknownField);
}

export function unknownField(field: string): FieldIssue {
  return { field, message: "There is no such field. Correct its spelling or remove it." };
}
