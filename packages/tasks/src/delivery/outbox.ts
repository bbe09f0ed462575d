import type { DispatcherRegistry, JsonValue } from "@core/registry";
import type { Insertable } from "kysely";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { jsonDigest } from "../store/canonical-json.ts";
import type { ParkReason } from "./delivery-record.ts";
import type { RetryPolicyName } from "../retry-policy.ts";
import { retryPolicies } from "../retry-policy.ts";
import type { Store, TasksTrx } from "../store/store.ts";
import { json } from "../store/store.ts";
import type { DeliveryTable } from "../store/tables.ts";
import { liveWorkerFor } from "../lease/worker-row.ts";

/** A delivery to be written: this payload to this target. */
export type NewDelivery = Pick<
  Insertable<DeliveryTable>,
  | "kind"
  | "source_id"
  | "task_id"
  | "dispatch_type"
  | "target_checked"
  | "order_key"
  | "payload_id"
  | "bot_id"
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
  const { dispatch_type: type, target, order_key: orderKey } = delivery;
  if (orderKey !== null && orderKey !== undefined) await holdLine(trx, orderKey);
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
      max_attempts: retryPolicies[delivery.policy].maxAttempts,
      state: sql`case when ${live} then 'pending' else 'parked' end`,
      park_reason: sql`case when ${live} then null else ${reason}::text end`,
    })
    .onConflict((conflict) => conflict.columns(["kind", "source_id", "target_key"]).doNothing())
    .execute();
}

/** Makes commits of one line happen in the order of their numbers, so that its order is strict. */
async function holdLine(trx: TasksTrx, orderKey: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`line:${orderKey}`}, 0))`.execute(trx);
}
