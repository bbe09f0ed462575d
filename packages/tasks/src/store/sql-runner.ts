import type { Kysely, Transaction } from "kysely";
import { CompiledQuery } from "kysely";

/** Runs one statement whose parameters are texts. */
export type SqlRunner = <Row>(text: string, parameters: readonly unknown[]) => Promise<readonly Row[]>;

/** What is needed of a client of the package `pg`. */
export interface PgClient {
  query(text: string, values: unknown[]): Promise<{ readonly rows: unknown[] }>;
}

/** On a Kysely or on one of its transactions. */
export function kyselyRunner<Tables>(db: Kysely<Tables>): SqlRunner {
  return async <Row>(text: string, parameters: readonly unknown[]) =>
    (await db.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]))).rows;
}

/** On a client of the package `pg`, with whatever transaction it is in. */
function clientRunner(client: PgClient): SqlRunner {
  return async <Row>(text: string, parameters: readonly unknown[]) =>
    (await client.query(text, [...parameters])).rows as Row[];
}

/** On whatever the caller has begun a transaction with. */
export function runnerOf(own: {
  readonly trx?: Transaction<unknown> | undefined;
  readonly client?: PgClient | undefined;
}): SqlRunner {
  if (own.trx !== undefined) return kyselyRunner(own.trx);
  if (own.client !== undefined) return clientRunner(own.client);
  throw new TypeError("Neither a transaction nor a client was given.");
}
