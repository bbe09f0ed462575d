import type { QueryExecutorProvider, RawBuilder } from "kysely";
import { sql } from "kysely";
import { TABLE } from "./state-migrations.ts";

/** The one row that holds the document. */
export interface StateRow {
  read(db: QueryExecutorProvider): Promise<string>;
  /** Reads it, and lets nobody else do this before the transaction has ended. */
  lock(trx: QueryExecutorProvider, timeoutMs: number): Promise<string>;
  /** Of the row that the same transaction has locked. */
  write(trx: QueryExecutorProvider, document: string): Promise<void>;
}

/** What a reader takes for the empty state. */
const EMPTY = "{}";

/** When a holder is silent for longer, the server frees the row: its machine may have vanished. */
const LONGEST_SILENCE_MS = 30_000;

export function createStateRow(schema: string): StateRow {
  const table = sql.id(schema, TABLE);
  const select = sql<DocumentRow>`select document from ${table}`;
  const selectLocked = sql<DocumentRow>`${select} for update`;
  return {
    read: async (db) => (await documentOf(db, select)) ?? EMPTY,
    async lock(trx, timeoutMs) {
      await setLimits(trx, timeoutMs);
      const document = await documentOf(trx, selectLocked);
      if (document !== null) return document;
      await sql`insert into ${table} (document) values (${EMPTY}) on conflict do nothing`.execute(trx);
      return (await documentOf(trx, selectLocked)) ?? EMPTY;
    },
    async write(trx, document) {
      await sql`update ${table} set document = ${document}`.execute(trx);
    },
  };
}

interface DocumentRow {
  readonly document: string;
}

async function documentOf(db: QueryExecutorProvider, query: RawBuilder<DocumentRow>): Promise<string | null> {
  const { rows } = await query.execute(db);
  return rows[0]?.document ?? null;
}

/** For this transaction only. */
async function setLimits(trx: QueryExecutorProvider, lockTimeoutMs: number): Promise<void> {
  await sql`select
    set_config('lock_timeout', ${`${lockTimeoutMs}ms`}, true),
    set_config('idle_in_transaction_session_timeout', ${`${LONGEST_SILENCE_MS}ms`}, true)`.execute(trx);
}
