import type { JsonValue } from "@core/registry";
import type { Selectable } from "kysely";
import { sql } from "kysely";
import type { Lease, WorkerIdentity } from "../lease/lease.ts";
import type { Store } from "../store/store.ts";
import { textArray } from "../store/store.ts";
import type { DeliveryTable } from "../store/tables.ts";
import { workerLives } from "../lease/worker-row.ts";

export interface ClaimedDelivery {
  readonly row: Selectable<DeliveryTable>;
  /** The stored result, error or payload. */
  readonly content: JsonValue;
  readonly lease: Lease;
}

export interface DeliveryClaim {
  readonly worker: WorkerIdentity;
  /** The dispatch types that are ready here. */
  readonly types: readonly string[];
  readonly limit: number;
}

/**
 * Takes up to `limit` due deliveries, each for one worker only. In a line only the first may go, one at a time,
 * which the index `delivery_line_busy` makes sure of; a held one keeps its line until its `next_at`.
 */
export async function claimDeliveries(
  store: Store,
  claim: DeliveryClaim,
): Promise<readonly ClaimedDelivery[]> {
  const { worker, types, limit } = claim;
  const delivery = store.table("delivery");
  const { rows } = await sql<Selectable<DeliveryTable>>`
    update ${delivery} set
      state = 'sending', attempt = attempt + 1, fence = fence + 1,
      worker_id = ${worker.id}, worker_epoch = ${worker.epoch}::bigint
    where id = any(array(
      select d.id from ${delivery} d
      where d.state = 'pending' and d.next_at <= clock_timestamp()
        and d.dispatch_type = any(${textArray(types)})
        and ${workerLives(store, worker)}
        and (d.order_key is null or not exists (
          select 1 from ${delivery} e
          where e.order_key = d.order_key
            and (e.state = 'sending' or (e.seq < d.seq
              and (e.state in ('pending', 'open') or (e.state = 'held' and e.next_at > clock_timestamp()))))))
      order by d.next_at, d.seq
      limit ${limit}::int
      for update of d skip locked))
    returning *`.execute(store.db);
  const contents = await readContents(store, rows);
  return rows
    .toSorted((a, b) => a.seq - b.seq)
    .map((row) => ({
      row,
      content: contents.get(row.payload_id) ?? null,
      lease: { id: row.id, fence: row.fence, worker },
    }));
}

async function readContents(
  store: Store,
  rows: readonly Selectable<DeliveryTable>[],
): Promise<ReadonlyMap<string, JsonValue>> {
  if (rows.length === 0) return new Map();
  const ids = rows.map(({ payload_id: id }) => id);
  const bodies = await store.db.selectFrom("body").selectAll().where("id", "in", ids).execute();
  return new Map(bodies.map(({ id, content }) => [id, content]));
}
