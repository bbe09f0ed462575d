import type { DispatcherRegistry } from "@core/registry";
import { parseTarget } from "@core/registry";
import { sql } from "kysely";
import { orderKeyOf } from "./outbox.ts";
import type { Store } from "./store.ts";
import { json, nowPlus } from "./store.ts";
import { liveWorkerFor } from "./worker-row.ts";

/**
 * Parks deliveries that no live worker can send, and wakes those that one can again. A target that was stored
 * unread, because its type was unknown, is read on waking; one that does not fit is dead.
 */
export async function parkAndWake(store: Store, dispatchers: DispatcherRegistry): Promise<number> {
  await park(store, dispatchers);
  await readWaitingTargets(store, dispatchers);
  const woken = await store.db
    .updateTable("delivery")
    .set({ state: "pending", park_reason: null, next_at: nowPlus(0) })
    .where("state", "=", "parked")
    .where("park_reason", "in", ["unknown_type", "unavailable"])
    .where("target_checked", "=", true)
    .where(liveWorkerFor(store, sql.ref("delivery.dispatch_type")))
    .returning("id")
    .execute();
  return woken.length;
}

/** Gives deliveries that waited for a setting another chance: a worker has started, perhaps with the setting. */
export async function wakeMisconfigured(store: Store, readyTypes: readonly string[]): Promise<void> {
  if (readyTypes.length === 0) return;
  await store.db
    .updateTable("delivery")
    .set({ state: "pending", park_reason: null, next_at: nowPlus(0) })
    .where("state", "=", "parked")
    .where("park_reason", "=", "misconfigured")
    .where("dispatch_type", "in", readyTypes)
    .execute();
}

async function park(store: Store, dispatchers: DispatcherRegistry): Promise<void> {
  const known = dispatchers.list().map(({ type }) => type);
  await store.db
    .updateTable("delivery")
    .set({
      state: "parked",
      park_reason: sql`case when dispatch_type = any(${known}::text[]) then 'unavailable' else 'unknown_type' end`,
    })
    .where("state", "=", "pending")
    .where(sql<boolean>`not ${liveWorkerFor(store, sql.ref("delivery.dispatch_type"))}`)
    .execute();
}

async function readWaitingTargets(store: Store, dispatchers: DispatcherRegistry): Promise<void> {
  const ready = readyTypesOf(dispatchers);
  if (ready.length === 0) return;
  const rows = await store.db
    .selectFrom("delivery")
    .select(["id", "dispatch_type", "target"])
    .where("state", "=", "parked")
    .where("target_checked", "=", false)
    .where("dispatch_type", "in", ready)
    .limit(500)
    .execute();
  for (const { id, dispatch_type: type, target } of rows) {
    const result = await parseTarget(dispatchers.get(type), target);
    if (!result.ok) continue;
    await store.db
      .updateTable("delivery")
      .set({
        target: json(result.target as typeof target),
        target_checked: true,
        order_key: orderKeyOf(dispatchers, type, result.target),
      })
      .where("id", "=", id)
      .where("state", "=", "parked")
      .execute();
  }
}

/** The dispatch types that this process can deliver now; `none` makes no rows and is left out. */
export function readyTypesOf(dispatchers: DispatcherRegistry): readonly string[] {
  return dispatchers
    .list()
    .filter(({ type, ready }) => ready && type !== "none")
    .map(({ type }) => type);
}
