import type { DispatcherRegistry, JsonValue } from "@core/registry";
import type { Insertable } from "kysely";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { jsonDigest } from "./canonical-json.ts";
import type { ParkReason } from "./delivery-record.ts";
import type { RetryPolicyName } from "./retry-policy.ts";
import { retryPolicies } from "./retry-policy.ts";
import type { Store, TasksTrx } from "./store.ts";
import { json } from "./store.ts";
import type { DeliveryTable } from "./tables.ts";
import { liveWorkerFor } from "./worker-row.ts";

/** A delivery to be written: this payload to this target. */
export type NewDelivery = Pick<
  Insertable<DeliveryTable>,
  "kind" | "source_id" | "task_id" | "dispatch_type" | "target_checked" | "payload_id" | "bot_id"
> & {
  readonly target: JsonValue;
  readonly origin: DeliveryTable["origin"];
  readonly policy: RetryPolicyName;
};

/**
 * Writes a delivery in the transaction of what it tells of. The same source, kind and target make one delivery,
 * however often it is written. Without a live worker for its type it is parked, visibly, until there is one.
 */
export async function queueDelivery(
  store: Store,
  trx: TasksTrx,
  dispatchers: DispatcherRegistry,
  delivery: NewDelivery,
): Promise<void> {
  const { dispatch_type: type, target } = delivery;
  const orderKey = delivery.target_checked ? orderKeyOf(dispatchers, type, target) : null;
  if (orderKey !== null) await holdLine(trx, orderKey);
  const live = liveWorkerFor(store, sql`${type}::text`);
  const reason: ParkReason = dispatchers.has(type) ? "unavailable" : "unknown_type";
  await trx
    .insertInto("delivery")
    .values({
      ...delivery,
      id: uuidv7(),
      target: json(target),
      origin: json(delivery.origin),
      target_key: `${type}:${jsonDigest(target)}`,
      order_key: orderKey,
      max_attempts: retryPolicies[delivery.policy].maxAttempts,
      state: sql`case when ${live} then 'pending' else 'parked' end`,
      park_reason: sql`case when ${live} then null else ${reason}::text end`,
    })
    .onConflict((conflict) => conflict.columns(["kind", "source_id", "target_key"]).doNothing())
    .execute();
}

/** The line a delivery stands in, unique over all dispatch types; null: it stands in none. */
export function orderKeyOf(dispatchers: DispatcherRegistry, type: string, target: unknown): string | null {
  const key = dispatchers.get(type).orderKey?.(target) ?? null;
  return key === null ? null : `${type}:${key}`;
}

/** Makes commits of one line happen in the order of their numbers, so that its order is strict. */
async function holdLine(trx: TasksTrx, orderKey: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`line:${orderKey}`}, 0))`.execute(trx);
}
