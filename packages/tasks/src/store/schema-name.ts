import { invalidOptions } from "../errors.ts";

/** The longest that leaves room for the names made of it. */
const MAX_LENGTH = 48;

/**
 * The name of a Postgres schema, if it is one that every tool and every text of SQL takes.
 * @throws TasksError OPTIONS_INVALID
 */
export function checkedSchema(schema: string): string {
  if (/^[a-z_][a-z0-9_]*$/i.test(schema) && schema.length <= MAX_LENGTH) return schema;
  const message = `"${schema}" is not taken as the name of a schema. Use at most ${MAX_LENGTH} letters, digits and underscores, and begin with a letter.`;
  throw invalidOptions("The tables were not opened.", [{ field: "schema", message }]);
}
