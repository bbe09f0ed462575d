import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import type { Store } from "../store/store.ts";
import { textArray } from "../store/store.ts";
import { isUuid } from "../store/uuid.ts";
import type { CancelAnswer } from "./task.ts";

/** What became of a task that was to be cancelled. */
interface Cancelled {
  readonly id: string;
  readonly answer: CancelAnswer;
}

/** Which tasks are cancelled together. */
export type CancelFilter =
  | { readonly lane: string }
  | { readonly session_id: string }
  /** The task of this id and all below it. */
  | { readonly root_task_id: string };

export async function cancelTask(store: Store, id: string): Promise<CancelAnswer> {
  const text = `select ${store.name("cancel_1")}($1::text::uuid) as answer`;
  const [row] = await store.run<{ answer: CancelAnswer }>(text, [id]);
  return row?.answer ?? "unknown";
}

/**
 * Cancels those that run or are due, and gives them back. Locks are taken as the ends of runs take
 * them: lanes first, then tasks from the newest on.
 */
export async function cancelTasks(store: Store, which: CancelFilter): Promise<readonly Cancelled[]> {
  const task = store.table("task");
  return store.transaction(async (trx) => {
    const { rows: due } = await sql<{ id: string; lane: string | null; parent: string | null }>`
      select id, lane, parent_task_id as parent from ${task} where ${conditionOf(which)}
        and (state in ('running', 'waiting') or (state = 'pending' and (run_at <= clock_timestamp() or fence > 0)))`.execute(
      trx,
    );
    const lanes = due.flatMap(({ lane }) => lane ?? []);
    const parents = due.flatMap(({ parent }) => parent ?? []);
    await sql`select ${sql.id(store.schema, "lock_lanes_1")}(${textArray(lanes)})`.execute(trx);
    await sql`select ${sql.id(store.schema, "lock_families_1")}(${textArray(parents)}::uuid[])`.execute(trx);
    const ids = sql`${textArray(due.map(({ id }) => id))}::uuid[]`;
    await sql`select id from ${task} where id = any(${ids}) order by id desc for update`.execute(trx);
    const { rows } = await sql<Cancelled>`
      select id, ${sql.id(store.schema, "cancel_1")}(id) as answer from unnest(${ids}) id`.execute(trx);
    return rows.filter(({ answer }) => answer === "cancelled" || answer === "cancelling");
  });
}

function conditionOf(which: CancelFilter): RawBuilder<boolean> {
  if ("lane" in which) return sql`lane = ${which.lane}`;
  if ("session_id" in which) return sql`session_id = ${which.session_id}`;
  const root = isUuid(which.root_task_id) ? which.root_task_id : null;
  return sql`(id = ${root}::uuid or root_task_id = ${root}::uuid)`;
}
