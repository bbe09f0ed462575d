import { sql } from "kysely";
import type { Store } from "../store/store.ts";
import { textArray } from "../store/store.ts";

/** Which ended tasks are removed. */
export interface PruneOptions {
  /** They ended at least so long ago. */
  readonly olderThanMs: number;
  /** Default: all three. */
  readonly states?: readonly ("complete" | "failed" | "cancelled")[];
  /** Default: all. */
  readonly types?: readonly string[];
  /** Told after each batch how many have been removed so far. */
  readonly onProgress?: (pruned: number) => void;
  /** Ends it after the batch under way; the promise resolves with what was done. */
  readonly signal?: AbortSignal;
}

const BATCH = 1_000;

/** Removes ended tasks with their bodies; one of whose deliveries something may still become stays. */
export async function pruneTasks(store: Store, options: PruneOptions): Promise<number> {
  let pruned = 0;
  while (options.signal?.aborted !== true) {
    const removed = await pruneBatch(store, options);
    if (removed === 0) break;
    pruned += removed;
    options.onProgress?.(pruned);
  }
  return pruned;
}

async function pruneBatch(
  store: Store,
  { olderThanMs, states = endStates, types }: PruneOptions,
): Promise<number> {
  const { rows } = await sql<{ pruned: number }>`
    with old as materialized (
      select t.id from ${store.table("task")} t
      where t.state = any(${textArray(states)})
        and t.finished_at < clock_timestamp() - ${olderThanMs}::float8 * interval '1 millisecond'
        and (${types === undefined}::boolean or t.type = any(${textArray(types ?? [])}))
        and not exists (select 1 from ${store.table("delivery")} d
          where d.task_id = t.id and d.state not in ('delivered', 'skipped', 'dead'))
      limit ${BATCH}::int for update of t skip locked),
    deliveries as (delete from ${store.table("delivery")} where task_id in (select id from old) returning payload_id),
    tasks as (delete from ${store.table("task")} where id in (select id from old) returning id, result_id),
    bodies as (delete from ${store.table("task_body")} where task_id in (select id from old)),
    contents as (delete from ${store.table("body")} where id in (
      select payload_id from deliveries union select result_id from tasks))
    select count(*)::float8 as pruned from tasks`.execute(store.db);
  return rows[0]?.pruned ?? 0;
}

const endStates = ["complete", "failed", "cancelled"] as const;
