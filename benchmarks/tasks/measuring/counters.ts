import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

/** What a server has counted for one database. */
export interface Counters {
  readonly transactions: number;
  readonly walBytes: number;
}

/**
 * Reads them when nobody is connected to the database any more, since a session that lives may keep its counts to
 * itself for a while. Asks from another database, so as not to be counted.
 */
export async function readCounters(url: string): Promise<Counters> {
  const address = new URL(url);
  const name = address.pathname.slice(1);
  address.pathname = "/postgres";
  const client = new pg.Client({ connectionString: address.href });
  await client.connect();
  try {
    while ((await sessions(client, name)) > 0) await delay(20);
    const { rows } = await client.query<{ transactions: string; wal: string }>(
      `select xact_commit + xact_rollback as transactions, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as wal
       from pg_stat_database where datname = $1`,
      [name],
    );
    return { transactions: Number(rows[0]?.transactions), walBytes: Number(rows[0]?.wal) };
  } finally {
    await client.end();
  }
}

async function sessions(client: pg.Client, name: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    "select count(*) from pg_stat_activity where datname = $1 and backend_type = 'client backend'",
    [name],
  );
  return Number(rows[0]?.count);
}

/** What was counted between the two. */
export function difference(earlier: Counters, later: Counters): Counters {
  return {
    transactions: later.transactions - earlier.transactions,
    walBytes: later.walBytes - earlier.walBytes,
  };
}
