import { sql } from "kysely";
import { HELD_LINE_MS } from "../delivery/delivery-verdict.ts";
import type { Store } from "../store/store.ts";
import { json, nowPlus } from "../store/store.ts";
import { leaseLost } from "../task/task-failure.ts";
import type { SettlementDeps } from "../task/task-settlement.ts";
import { failTaskIn } from "../task/task-settlement.ts";
import { holderLives } from "../lease/worker-row.ts";

const BATCH = 100;
const leaseLostWhileSending = "The worker that made this attempt died or could not be reached for too long.";

/**
 * Takes back what dead workers held: tasks run again or end as `lease_lost`; deliveries are marked as uncertain, so
 * that only a dispatcher whose receiver drops duplicates sends them again blindly, and held when that was their last
 * attempt. Returns how many rows it moved.
 */
export async function recoverOrphans(deps: SettlementDeps): Promise<number> {
  let moved = 0;
  for (let batch = BATCH; batch === BATCH; moved += batch) batch = await recoverTasks(deps);
  return moved + (await recoverDeliveries(deps.store));
}

async function recoverTasks(deps: SettlementDeps): Promise<number> {
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
    for (const { id, fence, worker_id: workerId, worker_epoch: epoch } of orphans) {
      const worker = { id: workerId ?? "", epoch: epoch ?? 0 };
      await failTaskIn(deps, trx, { id, fence, worker }, leaseLost);
    }
    return orphans.length;
  });
}

async function recoverDeliveries(store: Store): Promise<number> {
  const last = sql<boolean>`attempt >= max_attempts`;
  const failure = { at: new Date().toISOString(), code: "lease_lost", message: leaseLostWhileSending };
  const rows = await store.db
    .updateTable("delivery")
    .set({
      state: sql`case when ${last} then 'held' else 'pending' end`,
      next_at: sql`case when ${last} then ${nowPlus(HELD_LINE_MS)} else ${nowPlus(0)} end`,
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
