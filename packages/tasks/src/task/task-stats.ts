import { sql } from "kysely";
import type { Store } from "../store/store.ts";

/** What waits and runs now. Field names are those of the wire. */
export interface QueueStats {
  /** Of each queue and type in which something is to be done. */
  readonly tasks: readonly QueueCount[];
  /** Workers whose hearts beat. */
  readonly live_workers: number;
}

interface QueueCount {
  readonly queue: string;
  readonly type: string;
  readonly pending: number;
  readonly running: number;
  /** For how long the first of those that only wait for a worker has waited; null: there is none. */
  readonly oldest_due_ms: number | null;
}

export async function readStats(store: Store): Promise<QueueStats> {
  const task = store.table("task");
  return store.snapshot(async (trx) => {
    const { rows } = await sql<QueueCount>`
      select queue, type, count(*) filter (where state = 'pending')::float8 as pending,
        count(*) filter (where state = 'running')::float8 as running,
        round((extract(epoch from clock_timestamp() - min(ready_at)
          filter (where state = 'pending' and turn in ('now', 'limited'))) * 1000)::numeric)::float8 as oldest_due_ms
      from ${task} where state in ('pending', 'running') group by queue, type order by queue, type`.execute(
      trx,
    );
    const { rows: workers } = await sql<{ live: number }>`
      select count(*)::float8 as live from ${store.table("worker")} where alive_until > clock_timestamp()`.execute(
      trx,
    );
    return { tasks: rows, live_workers: workers[0]?.live ?? 0 };
  });
}
