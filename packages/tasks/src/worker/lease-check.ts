import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import { releaseDelivery } from "../delivery/delivery-settlement.ts";
import type { Lease, WorkerIdentity } from "../lease/lease.ts";
import { cancelledError, leaseKey, LeaseLost } from "../lease/lease.ts";
import type { Store } from "../store/store.ts";
import { exchange } from "../task/exchange.ts";
import type { Slots } from "./slots.ts";
import type { TaskHoldings } from "./task-holdings.ts";

/** Compares what a worker has in hand with what the database says it holds. */
export interface LeaseCheck {
  /** Aborts runs whose rows are no longer ours, and gives back rows whose claim never reached us. */
  dropLost(worker: WorkerIdentity): Promise<void>;
  /** Aborts those of its tasks that somebody has cancelled. */
  abortCancelled(worker: WorkerIdentity): Promise<void>;
}

export interface LeaseCheckOptions {
  readonly store: Store;
  readonly tasks: Pick<TaskHoldings, "leases" | "holds" | "abort">;
  readonly deliverySlots: Slots;
}

export function createLeaseCheck({ store, tasks, deliverySlots }: LeaseCheckOptions): LeaseCheck {
  /** Seen once without a holder; perhaps their claim is still on its way to us. */
  let strays: ReadonlySet<string> = new Set();

  return {
    async dropLost(worker) {
      const stray = new Set<string>();
      await compare(worker, tasks, "task", (row) => releaseTask(worker, row), stray);
      await compare(
        worker,
        deliverySlots,
        "delivery",
        (row) => releaseDelivery(store, { ...row, worker }),
        stray,
      );
      strays = stray;
    },
    async abortCancelled(worker) {
      if (tasks.leases().length === 0) return;
      const { rows } =
        await sql<Held>`${leasesQuery(store, worker)} and cancel_requested_at is not null`.execute(store.db);
      for (const row of rows) tasks.abort(row, cancelledError(row.id));
    },
  };

  async function compare(
    worker: WorkerIdentity,
    slots: Pick<Slots, "leases" | "holds"> & { abort(lease: Lease, reason: LeaseLost): void },
    table: "task" | "delivery",
    release: (row: Held) => Promise<unknown>,
    stray: Set<string>,
  ): Promise<void> {
    const before = slots.leases();
    const { rows } = await leasesQuery(store, worker, table).execute(store.db);
    const ours = new Set(rows.map(leaseKey));
    for (const lease of before) if (!ours.has(leaseKey(lease))) slots.abort(lease, new LeaseLost(lease.id));
    for (const row of rows.filter((one) => !slots.holds(one))) {
      if (strays.has(leaseKey(row))) await release(row);
      else stray.add(leaseKey(row));
    }
  }

  async function releaseTask(worker: WorkerIdentity, { id, fence, lane, parent }: Held): Promise<void> {
    const end = { id, fence, state: "pending", uncounted: 1 } as const;
    await exchange(store, { worker, ends: [{ end, lane, parent }] });
  }
}

interface Held {
  readonly id: string;
  readonly fence: number;
  readonly lane: string | null;
  readonly parent: string | null;
}

/** What the database says a worker holds. */
export function leasesQuery(
  store: Store,
  worker: WorkerIdentity,
  table: "task" | "delivery" = "task",
): RawBuilder<Held> {
  const state = table === "task" ? sql`state = 'running'` : sql`state = 'sending'`;
  const more = table === "task" ? sql`lane, parent_task_id as parent` : sql`null as lane, null as parent`;
  return sql`select id, fence, ${more} from ${store.table(table)}
    where worker_id = ${worker.id} and worker_epoch = ${worker.epoch}::bigint and ${state}`;
}
