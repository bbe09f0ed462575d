import type { DispatcherRegistry, SentPart } from "@core/registry";
import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import type { Lease } from "../lease/lease.ts";
import { LeaseLost } from "../lease/lease.ts";
import { storable } from "../store/storable-text.ts";
import type { Store } from "../store/store.ts";
import { json } from "../store/store.ts";
import type { ClaimedTask } from "../task/claimed-task.ts";
import { deliveryOfTask } from "../task/task-end.ts";

/** The delivery of a result that is still growing. */
export interface OpenDelivery {
  readonly id: string;
  /** What an earlier run of the task has sent. */
  readonly sent_parts: readonly SentPart[];
  /** An earlier run broke off, so that more may have arrived than the parts say. */
  readonly uncertain: boolean;
}

/**
 * Enters the delivery of a running task's result when its stream begins, or finds the one that an earlier run has
 * left. It keeps its line; the end of the task makes it `pending` with what was sent, or skips it. Null when the task
 * delivers nothing.
 * @throws TasksError LEASE_LOST
 */
export async function openDelivery(
  store: Store,
  dispatchers: DispatcherRegistry,
  claimed: ClaimedTask,
): Promise<OpenDelivery | null> {
  const { task, lease } = claimed;
  if (task.dispatch_type === "none") return null;
  const given = JSON.stringify(deliveryOfTask(dispatchers, claimed, "task_result"));
  return store.transaction(async (trx) => {
    const lines = sql`${[claimed.target.orderKey ?? ""]}::text[]`;
    if (claimed.target.orderKey !== null)
      await sql`select ${sql.id(store.schema, "lock_lines_1")}(${lines})`.execute(trx);
    const { rows } = await sql<OpenDelivery>`
      with held as (${heldTask(store, lease)})
      insert into ${store.table("delivery")} as d (id, kind, source_id, target_key, task_id, dispatch_type, target,
        target_checked, order_key, policy, bot_id, origin, trace_context, max_attempts, state)
      select g.id, g.kind, held.id::text, g.target_key, held.id, g.dispatch_type, g.target, g.target_checked,
        g.order_key, g.policy, g.bot_id, g.origin, g.trace_context, g.max_attempts, 'open'
      from held, json_to_record(${given}::text::json) as g(id uuid, kind text, target_key text, dispatch_type text,
        target jsonb, target_checked boolean, order_key text, policy text, bot_id text, origin jsonb,
        trace_context jsonb, max_attempts int)
      on conflict (kind, source_id, target_key) do update set bot_id = excluded.bot_id where d.state = 'open'
      returning d.id, d.sent_parts, d.uncertain`.execute(trx);
    return rows[0] ?? lost(lease);
  });
}

/**
 * Keeps a part that the receiver has confirmed while the task runs.
 * @throws TasksError LEASE_LOST
 */
export async function storeOpenPart(
  store: Store,
  lease: Lease,
  deliveryId: string,
  part: SentPart,
): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    with held as (${heldTask(store, lease)})
    update ${store.table("delivery")} d set sent_parts = d.sent_parts || ${json([storable(part)])}
    from held where d.id = ${deliveryId}::uuid and d.task_id = held.id and d.state = 'open'
    returning d.id`.execute(store.db);
  if (rows.length === 0) lost(lease);
}

/** The task, if it still runs under this lease; nobody takes it over until the statement has ended. */
function heldTask(store: Store, { id, fence, worker }: Lease): RawBuilder<unknown> {
  return sql`select t.id from ${store.table("task")} t where t.id = ${id}::uuid and t.fence = ${fence}::bigint
    and t.state = 'running' and t.worker_id = ${worker.id} and t.worker_epoch = ${worker.epoch}::bigint for share`;
}

function lost({ id }: Lease): never {
  throw new LeaseLost(id);
}
