import { maskUrl } from "@core/outbound";

/** A record as it travels: its state is called `status`, and its dates are ISO texts. */
export type WireRecord<Row> = {
  readonly [Field in keyof Row as Field extends "state" ? "status" : Field]: Row[Field] extends Date | null
    ? Extract<Row[Field], null> | string
    : Row[Field];
};

/** Writes a task or a delivery for the wire. */
export function wireRecord<Row extends object>(row: Row): WireRecord<Row> {
  const fields = Object.entries(row).map(([field, value]): [string, unknown] => [
    field === "state" ? "status" : field,
    value instanceof Date ? value.toISOString() : (value as unknown),
  ]);
  return Object.fromEntries(fields) as WireRecord<Row>;
}

/** Reads the query of a list for the queue, which calls a status a state; what was left out stays out. */
export function filterOf<Query extends { readonly status?: unknown }>(
  query: Query,
): {
  -readonly [Field in keyof Query as Field extends "status" ? "state" : Field]?: NonNullable<Query[Field]>;
} {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([field, value]) => [field === "status" ? "state" : field, value]),
  ) as never;
}

/** The same value with the paths and queries of its URLs hidden, as lists show targets. */
export function maskedTarget(value: unknown): unknown {
  if (typeof value === "string") return /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? maskUrl(value) : value;
  if (Array.isArray(value)) return value.map(maskedTarget);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, maskedTarget(child)]));
}
