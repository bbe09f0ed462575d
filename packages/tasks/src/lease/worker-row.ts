import { hostname } from "node:os";
import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import type { WorkerIdentity } from "./lease.ts";
import type { Store } from "../store/store.ts";
import { nowPlus, textArray } from "../store/store.ts";

/** What a worker tells the others of itself. */
export interface WorkerAdvert {
  readonly taskTypes: readonly string[];
  readonly dispatchTypes: readonly string[];
  /** Counted as dead when it has been silent for this long. */
  readonly deadAfterMs: number;
}

/**
 * Enters a worker, or the next life of one: with the new epoch all that its former life held is orphaned at once.
 * An embedded database has one process at a time, so there whatever another opening left behind is dead too.
 */
export async function registerWorker(
  store: Store,
  id: string,
  advert: WorkerAdvert,
): Promise<WorkerIdentity> {
  const { bootId, engine } = store.database;
  if (engine === "pglite") await declareDeadExcept(store, bootId);
  const row = {
    boot_id: bootId,
    alive_until: nowPlus(advert.deadAfterMs),
    task_types: textArray(advert.taskTypes),
    dispatch_types: textArray(advert.dispatchTypes),
    host: hostname(),
    pid: process.pid,
  };
  const { epoch } = await store.db
    .insertInto("worker")
    .values({ id, epoch: 1, started_at: sql<Date>`clock_timestamp()`, ...row })
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((eb) => ({
        epoch: eb("worker.epoch", "+", 1),
        started_at: sql<Date>`clock_timestamp()`,
        ...row,
      })),
    )
    .returning("epoch")
    .executeTakeFirstOrThrow();
  return { id, epoch };
}

/** Says that a worker lives; false when another one has taken its name over. */
export async function heartbeat(
  store: Store,
  worker: WorkerIdentity,
  advert: WorkerAdvert,
): Promise<boolean> {
  const row = await store.db
    .updateTable("worker")
    .set({ alive_until: nowPlus(advert.deadAfterMs), dispatch_types: textArray(advert.dispatchTypes) })
    .where("id", "=", worker.id)
    .where("epoch", "=", worker.epoch)
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/** Forgets workers that have long been dead and hold nothing. */
export async function forgetDeadWorkers(store: Store): Promise<void> {
  await sql`delete from ${store.table("worker")} w
    where w.alive_until < clock_timestamp() - interval '7 days'
      and not exists (select 1 from ${store.table("task")} t where t.worker_id = w.id)
      and not exists (select 1 from ${store.table("delivery")} d where d.worker_id = w.id)`.execute(store.db);
}

/** Says that a worker is gone, so that nobody waits for its silence. */
export async function deregisterWorker(store: Store, worker: WorkerIdentity): Promise<void> {
  await store.db
    .updateTable("worker")
    .set({ alive_until: sql<Date>`clock_timestamp()` })
    .where("id", "=", worker.id)
    .where("epoch", "=", worker.epoch)
    .execute();
}

/** In how many milliseconds the first of the other live workers counts as dead, if nothing is heard of it until then. */
export async function nextDeathInMs(store: Store, worker: WorkerIdentity): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(alive_until) - clock_timestamp()) * 1000)::float8 as ms
    from ${store.table("worker")} where alive_until > clock_timestamp() and id <> ${worker.id}`.execute(
    store.db,
  );
  return rows[0]?.ms ?? null;
}

/** True in SQL when a live worker is ready for a dispatch type. */
export function liveWorkerFor(store: Store, dispatchType: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from ${store.table("worker")} w
    where w.alive_until > clock_timestamp() and ${dispatchType} = any(w.dispatch_types))`;
}

/** True in SQL when the worker that a row of the table `alias` names is alive in the epoch that the row names. */
export function holderLives(store: Store, alias: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from ${store.table("worker")} w
    where w.id = ${sql.ref(`${alias}.worker_id`)} and w.epoch = ${sql.ref(`${alias}.worker_epoch`)}
      and w.alive_until > clock_timestamp())`;
}

async function declareDeadExcept(store: Store, bootId: string): Promise<void> {
  await store.db
    .updateTable("worker")
    .set({ alive_until: sql<Date>`clock_timestamp()` })
    .where("boot_id", "!=", bootId)
    .where("alive_until", ">", sql<Date>`clock_timestamp()`)
    .execute();
}
