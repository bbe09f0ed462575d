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

/** The caller's own transaction: what is stored exists if and only if it commits. */
export interface OwnTransaction {
  /** Of whatever Kysely. */
  readonly trx?: Transaction<unknown>;
  /** A client of the package `pg` that is in a transaction. */
  readonly client?: PgClient;
}

/** On whatever the caller has begun a transaction with; null: there is none. */
export function ownRunner({ trx, client }: OwnTransaction): SqlRunner | null {
  if (trx !== undefined) return kyselyRunner(trx);
  return client === undefined ? null : clientRunner(client);
}
