import type { FieldIssue, JsonValue } from "@core/registry";

/** Finds strings that Postgres cannot store: with a NUL character or half a surrogate pair. */
export function unstorableText(value: unknown, path = ""): FieldIssue[] {
  if (typeof value === "string") return isStorable(value) ? [] : [issue(path)];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const field = path === "" ? key : `${path}.${key}`;
    return isStorable(key) ? unstorableText(child, field) : [issue(field)];
  });
}

/**
 * What JSON makes of a value, in a form that can be stored; undefined becomes null.
 * @throws TypeError, RangeError for what JSON cannot say: a BigInt, a circle, too many levels
 */
export function storableJson(value: unknown): JsonValue {
  if (value === undefined || value === null) return null;
  const text = JSON.stringify(value) ?? "null";
  const json = JSON.parse(text) as JsonValue;
  // JSON writes with this escape what cannot be stored, and little else.
  return text.includes(String.raw`\u`) ? storable(json) : json;
}

/** The same value with U+FFFD in place of what cannot be stored, so that nothing an agent says is lost with it. */
export function storable<Value>(value: Value): Value {
  return mend(value) as Value;
}

function mend(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed().replaceAll("\u0000", "\uFFFD");
  if (Array.isArray(value)) return value.map(mend);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [mend(key), mend(child)]));
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}

function issue(field: string): FieldIssue {
  return { field, message: "The text holds a NUL character or half a surrogate pair. Remove it." };
}
