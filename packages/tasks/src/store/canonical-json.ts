import { createHash } from "node:crypto";

/** SHA-256, in hex, of a JSON value written with sorted keys: equal for equal values. */
export function jsonDigest(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** JSON with sorted keys and without undefined fields. */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, child: unknown) => (isPlainObject(child) ? sorted(child) : child)) ?? "null"
  );
}

function sorted(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
