import type { Database } from "@core/database";
import type { Kysely, RawBuilder, Transaction } from "kysely";
import { sql } from "kysely";
import { checkedSchema } from "./schema-name.ts";
import type { SchemaNames } from "./schema/names.ts";
import { namesIn } from "./schema/names.ts";
import type { SqlRunner } from "./sql-runner.ts";
import { kyselyRunner } from "./sql-runner.ts";
import type { TasksTables } from "./tables.ts";

export type TasksDb = Kysely<TasksTables>;
type TasksTrx = Transaction<TasksTables>;

/** The database as the statements of this package need it. */
export interface Store {
  readonly database: Database;
  /** Bound to the schema; use it outside transactions only. */
  readonly db: TasksDb;
  /** The same for the functions of the schema. */
  readonly run: SqlRunner;
  readonly schema: string;
  /** A qualified name in SQL that is text. */
  readonly name: SchemaNames;
  /** A table's qualified name for raw SQL. */
  table(name: keyof TasksTables): RawBuilder<unknown>;
  /** Runs a transaction whose handle is bound to the schema. */
  transaction<Result>(work: (trx: TasksTrx) => Promise<Result>): Promise<Result>;
  /** Reads several things as they were at one moment. */
  snapshot<Result>(read: (trx: TasksTrx) => Promise<Result>): Promise<Result>;
}

/** @throws TasksError OPTIONS_INVALID */
export function createStore(database: Database, schema: string): Store {
  const kysely = database.kysely as TasksDb;
  return {
    database,
    db: kysely.withSchema(schema),
    run: kyselyRunner(kysely),
    schema: checkedSchema(schema),
    name: namesIn(schema),
    table: (name) => sql.id(schema, name),
    transaction: (work) => kysely.transaction().execute((trx) => work(trx.withSchema(schema))),
    snapshot: (read) =>
      kysely
        .transaction()
        .setIsolationLevel("repeatable read")
        .setAccessMode("read only")
        .execute((trx) => read(trx.withSchema(schema))),
  };
}

/** A JSON value as a parameter: text that Postgres reads, the same way on every engine; nothing becomes SQL's null. */
export function json<Value>(value: Value): RawBuilder<Value> {
  const text = value === null || value === undefined ? null : JSON.stringify(value);
  return sql<Value>`${text}::text::jsonb`;
}

/** A list of texts as a parameter. */
export function textArray(values: readonly string[]): RawBuilder<string[]> {
  return sql<string[]>`${[...values]}::text[]`;
}

/** Now by the database's clock, plus some milliseconds. */
export function nowPlus(delayMs: number): RawBuilder<Date> {
  return sql<Date>`clock_timestamp() + ${delayMs}::float8 * interval '1 millisecond'`;
}
