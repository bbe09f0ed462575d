const PATTERN = /^[a-z][a-z0-9_-]{0,63}$/;

/** How a type is named, for the messages that refuse one. */
export const TYPE_NAME_RULE =
  'Use lower-case letters, digits, "_" and "-", beginning with a letter, at most 64 characters.';

/** Whether a value may name an integration or a dispatcher. */
export function isTypeName(value: unknown): boolean {
  return typeof value === "string" && PATTERN.test(value);
}
