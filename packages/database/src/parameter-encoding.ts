import { formatArrayLiteral } from "./array-literal.ts";
import { DatabaseError } from "./errors.ts";

/** What goes over the wire: text, raw bytes for bytea, or null. */
export type EncodedParameter = string | Uint8Array | null;

/**
 * Writes query parameters the same way for both engines.
 * Dates become ISO text in UTC, arrays become Postgres arrays (cast them: `${names}::text[]`), other objects
 * become JSON. A JSON *array* must be handed over as text: `${JSON.stringify(value)}::jsonb`.
 * @throws {DatabaseError} DATABASE_VALUE_UNREPRESENTABLE for an invalid date.
 */
export function encodeParameters(parameters: readonly unknown[]): EncodedParameter[] {
  return parameters.map((parameter) => {
    if (parameter === null || parameter === undefined) return null;
    if (parameter instanceof Uint8Array) return parameter;
    return encodeText(parameter);
  });
}

function encodeText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Date) return encodeDate(value);
  if (value instanceof Uint8Array) return String.raw`\x` + Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return formatArrayLiteral(value, encodeText);
  return typeof value === "object" ? JSON.stringify(value) : `${value as number | bigint | boolean}`;
}

function encodeDate(date: Date): string {
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw new DatabaseError({
    code: "DATABASE_VALUE_UNREPRESENTABLE",
    message: "A query parameter is an invalid Date. Check the value before it reaches the query.",
  });
}
