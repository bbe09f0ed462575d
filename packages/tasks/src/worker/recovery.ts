import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import type { DispatcherRegistry } from "@core/registry";
import { HELD_LINE_MS, RECONCILE_AFTER_MS } from "../delivery/delivery-verdict.ts";
import { json, nowPlus } from "../store/store.ts";
import type { Store } from "../store/store.ts";
import type { ClaimedRow, ClaimedTask } from "../task/claimed-task.ts";
import { claimedTask } from "../task/claimed-task.ts";
import { claimedEnd, exchange } from "../task/exchange.ts";
import type { SettledListener, TaskEnd, TaskEndDeps } from "../task/task-end.ts";
import { failed, orphaned } from "../task/task-end.ts";
import { leaseLost } from "../task/task-failure.ts";
import type { TaskTypeSettings } from "../task/task-type.ts";
import type { TasksOfEnds } from "../task/tasks-of-end.ts";
import { leaseFacts } from "../telemetry/lease-facts.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { WorkerIdentity } from "../lease/lease.ts";
import { holderLives } from "../lease/worker-row.ts";

const BATCH = 100;
const leaseLostWhileSending = "The worker that made this attempt died or could not be reached for too long.";

export interface RecoveryDeps extends TaskEndDeps {
  readonly store: Store;
  readonly settingsOf: (type: string) => TaskTypeSettings;
  readonly tasksOfEnds: Pick<TasksOfEnds, "withFollowUps">;
  readonly telemetry?: Telemetry | null;
  /** Told of each task that was taken back, once that is committed. */
  readonly onSettled: SettledListener;
}

/**
 * Takes back what dead workers held: tasks run again or end as `lease_lost`; deliveries are marked as uncertain, so
 * that only a dispatcher whose receiver drops duplicates sends them again blindly, and held when that was their last
 * attempt. Returns how many rows it moved.
 */
export async function recoverOrphans(deps: RecoveryDeps, by: WorkerIdentity): Promise<number> {
  let moved = 0;
  for (let batch = BATCH; batch === BATCH; moved += batch) batch = await recoverTasks(deps, by);
  return moved + (await recoverDeliveries(deps));
}

/** However many workers see the same orphans, only one of them ends each lease. */
async function recoverTasks(deps: RecoveryDeps, by: WorkerIdentity): Promise<number> {
  const orphans = await findOrphans(deps.store);
  if (orphans.length === 0) return 0;
  const ends = await Promise.all(orphans.map(async (one) => claimedEnd(one, await endOfOrphan(deps, one))));
  const { settled } = await exchange(deps.store, { worker: by, ends });
  const moved = ends.filter(({ end }) => settled.get(end.id) != null);
  for (const { claimed, end } of moved) {
    deps.telemetry?.recovered(leaseFacts(claimed.task));
    deps.onSettled(claimed, settled.get(end.id) ?? null, end);
  }
  return moved.length;
}

async function endOfOrphan(deps: RecoveryDeps, orphan: ClaimedTask): Promise<TaskEnd> {
  const { backoff } = deps.settingsOf(orphan.task.type);
  const end = orphaned(failed(deps, orphan, leaseLost, backoff), orphan.lease);
  return (await deps.tasksOfEnds.withFollowUps?.(orphan, end)) ?? end;
}

async function findOrphans(store: Store): Promise<readonly ClaimedTask[]> {
  const { rows } = await orphansQuery(store).execute(store.db);
  return rows.map((row) => claimedTask(row, { id: row.worker_id, epoch: row.worker_epoch }));
}

/** Tasks whose worker is dead, with that worker. */
export function orphansQuery(
  store: Store,
): RawBuilder<ClaimedRow & { readonly worker_id: string; readonly worker_epoch: number }> {
  return sql`
    select t.*, b.* from ${store.table("task")} t join ${store.table("task_body")} b on b.task_id = t.id
    where t.state = 'running' and not ${holderLives(store, "t")} limit ${BATCH}::int`;
}

/** An attempt that was to find out whether its target answers again has not: the next one may. */
async function recoverDeliveries({
  store,
  dispatchers,
}: Pick<RecoveryDeps, "store" | "dispatchers">): Promise<number> {
  const last = sql<boolean>`attempt >= max_attempts`;
  const isAsked = sql<boolean>`dispatch_type = any(${reconcilingTypes(dispatchers)}::text[])`;
  const failure = { at: new Date().toISOString(), code: "lease_lost", message: leaseLostWhileSending };
  const row = await store.db
    .with("recovered", (db) =>
      db
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
        .returning("target_key"),
    )
    .selectFrom("recovered")
    .select(sql<number>`count(*)::int`.as("moved"))
    .select(
      sql`${sql.raw(store.name("judge_targets_1"))}(
        json_agg(json_build_object('target_key', target_key, 'health', 'back')))`.as("judged"),
    )
    .executeTakeFirst();
  return row?.moved ?? 0;
}

/** The dispatch types whose receivers are asked what became of a lost answer. */
function reconcilingTypes(dispatchers: DispatcherRegistry): readonly string[] {
  const types = dispatchers.list().map(({ type }) => type);
  return types.filter((type) => {
    const { idempotent, reconcile } = dispatchers.get(type);
    return idempotent !== true && reconcile !== undefined;
  });
}
