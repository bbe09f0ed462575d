import type { DispatcherRegistry, JsonValue } from "@core/registry";
import { parseTarget } from "@core/registry";
import type { UpdateObject } from "kysely";
import { sql } from "kysely";
import type { DeliveryFailure } from "./delivery-record.ts";
import { lineOf } from "./delivery-line.ts";
import { pending } from "../store/schema/delivery-tables.ts";
import type { Store } from "../store/store.ts";
import { storableJson } from "../store/storable-text.ts";
import { json, nowPlus } from "../store/store.ts";
import type { TasksTables } from "../store/tables.ts";
import { liveWorkerFor } from "../lease/worker-row.ts";

/**
 * Parks deliveries that no live worker can send, and wakes those that one can again. A target that was stored
 * unread, because its type was unknown, is read on waking; one that does not fit ends as dead at its attempt.
 */
export async function parkAndWake(store: Store, dispatchers: DispatcherRegistry): Promise<number> {
  await park(store, dispatchers);
  await wakeUnread(store, dispatchers);
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
  for (const part of Object.values(pending)) {
    await store.db
      .updateTable("delivery")
      .set({
        state: "parked",
        set_aside: false,
        park_reason: sql`case when dispatch_type = any(${known}::text[]) then 'unavailable' else 'unknown_type' end`,
      })
      .where(sql.raw<boolean>(part))
      .where(sql<boolean>`not ${liveWorkerFor(store, sql.ref("delivery.dispatch_type"))}`)
      .execute();
  }
}

async function wakeUnread(store: Store, dispatchers: DispatcherRegistry): Promise<void> {
  const ready = readyTypesOf(dispatchers);
  if (ready.length === 0) return;
  const rows = await store.db
    .selectFrom("delivery")
    .select(["id", "dispatch_type", "target"])
    .where("state", "=", "parked")
    .where("park_reason", "in", ["unknown_type", "unavailable"])
    .where("target_checked", "=", false)
    .where("dispatch_type", "in", ready)
    .limit(500)
    .execute();
  for (const { id, dispatch_type: type, target } of rows) {
    await store.db
      .updateTable("delivery")
      .set({
        state: "pending",
        park_reason: null,
        next_at: nowPlus(0),
        ...(await readTarget(dispatchers, type, target)),
      })
      .where("id", "=", id)
      .where("state", "=", "parked")
      .execute();
  }
}

/** What a target says once it can be read; nothing when it cannot: the attempt meets the same mistake and keeps it. */
async function readTarget(
  dispatchers: DispatcherRegistry,
  type: string,
  stored: JsonValue,
): Promise<UpdateObject<TasksTables, "delivery">> {
  try {
    const result = await parseTarget(dispatchers.get(type), stored);
    if (!result.ok) return {};
    const target = storableJson(result.target);
    const { orderKey, failures } = lineOf(dispatchers, type, target);
    return {
      target: json(target),
      target_checked: true,
      order_key: orderKey,
      failures: sql<readonly DeliveryFailure[]>`failures || ${json(failures)}`,
    };
  } catch {
    return {};
  }
}

/** The dispatch types that this process can deliver now; `none` makes no rows and is left out. */
export function readyTypesOf(dispatchers: DispatcherRegistry): readonly string[] {
  return dispatchers
    .list()
    .filter(({ type, ready }) => ready && type !== "none")
    .map(({ type }) => type);
}
