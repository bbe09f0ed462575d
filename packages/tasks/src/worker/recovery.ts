import { sql } from "kysely";
import type { DispatcherRegistry } from "@core/registry";
import { HELD_LINE_MS, RECONCILE_AFTER_MS } from "../delivery/delivery-verdict.ts";
import { json, nowPlus } from "../store/store.ts";
import { leaseLost } from "../task/task-failure.ts";
import { readTasks } from "../task/task-reader.ts";
import type { SettlementDeps, Settled } from "../task/task-settlement.ts";
import { failTaskIn } from "../task/task-settlement.ts";
import type { Task } from "../task/task.ts";
import { holderLives } from "../lease/worker-row.ts";

const BATCH = 100;
const leaseLostWhileSending = "The worker that made this attempt died or could not be reached for too long.";

export interface RecoveryDeps extends SettlementDeps {
  /** Told of each task that was taken back, once that is committed. */
  readonly onSettled: (task: Task, settled: Settled) => void;
}

/**
 * Takes back what dead workers held: tasks run again or end as `lease_lost`; deliveries are marked as uncertain, so
 * that only a dispatcher whose receiver drops duplicates sends them again blindly, and held when that was their last
 * attempt. Returns how many rows it moved.
 */
export async function recoverOrphans(deps: RecoveryDeps): Promise<number> {
  let moved = 0;
  for (let batch = BATCH; batch === BATCH; moved += batch) batch = await recoverTasks(deps);
  return moved + (await recoverDeliveries(deps));
}

async function recoverTasks(deps: RecoveryDeps): Promise<number> {
  const settled = await settleOrphans(deps);
  for (const task of await readTasks(deps.store.db, [...settled.keys()])) {
    deps.onSettled(task, settled.get(task.id) ?? null);
  }
  return settled.size;
}

/** How each task of a batch stands now, by id. */
async function settleOrphans(deps: SettlementDeps): Promise<ReadonlyMap<string, Settled>> {
  const { store } = deps;
  return store.transaction(async (trx) => {
    const orphans = await trx
      .selectFrom("task")
      .select(["id", "fence", "worker_id", "worker_epoch"])
      .where("state", "=", "running")
      .where(sql<boolean>`not ${holderLives(store, "task")}`)
      .limit(BATCH)
      .forUpdate()
      .skipLocked()
      .execute();
    const settled = new Map<string, Settled>();
    for (const { id, fence, worker_id: workerId, worker_epoch: epoch } of orphans) {
      const worker = { id: workerId ?? "", epoch: epoch ?? 0 };
      settled.set(id, await failTaskIn(deps, trx, { id, fence, worker }, leaseLost));
    }
    return settled;
  });
}

async function recoverDeliveries({ store, dispatchers }: SettlementDeps): Promise<number> {
  const last = sql<boolean>`attempt >= max_attempts`;
  const isAsked = sql<boolean>`dispatch_type = any(${reconcilingTypes(dispatchers)}::text[])`;
  const failure = { at: new Date().toISOString(), code: "lease_lost", message: leaseLostWhileSending };
  const rows = await store.db
    .updateTable("delivery")
    .set({
      state: sql`case when ${last} then 'held' else 'pending' end`,
      next_at: sql`case
        when ${last} then ${nowPlus(HELD_LINE_MS)}
        when ${isAsked} then ${nowPlus(RECONCILE_AFTER_MS)}
        else ${nowPlus(0)} end`,
      uncertain: true,
      failures: sql`failures || (jsonb_build_object('attempt', attempt) || ${json(failure)})`,
      worker_id: null,
      worker_epoch: null,
    })
    .where("state", "=", "sending")
    .where(sql<boolean>`not ${holderLives(store, "delivery")}`)
    .returning("id")
    .execute();
  return rows.length;
}

/** The dispatch types whose receivers are asked what became of a lost answer. */
function reconcilingTypes(dispatchers: DispatcherRegistry): readonly string[] {
  const types = dispatchers.list().map(({ type }) => type);
  return types.filter((type) => {
    const { idempotent, reconcile } = dispatchers.get(type);
    return idempotent !== true && reconcile !== undefined;
  });
}
