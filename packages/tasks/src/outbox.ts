import type { DispatcherRegistry, JsonValue } from "@core/registry";
import type { Insertable } from "kysely";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { jsonDigest } from "./canonical-json.ts";
import type { DeliveryFailure, ParkReason } from "./delivery-record.ts";
import type { RetryPolicyName } from "./retry-policy.ts";
import { retryPolicies } from "./retry-policy.ts";
import { storable } from "./storable-text.ts";
import type { Store, TasksTrx } from "./store.ts";
import { json } from "./store.ts";
import type { DeliveryTable } from "./tables.ts";
import { messageOf } from "./task-failure.ts";
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
  const { orderKey, failures } = delivery.target_checked ? lineOf(dispatchers, type, target) : NO_LINE;
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
      failures: json(failures),
      max_attempts: retryPolicies[delivery.policy].maxAttempts,
      state: sql`case when ${live} then 'pending' else 'parked' end`,
      park_reason: sql`case when ${live} then null else ${reason}::text end`,
    })
    .onConflict((conflict) => conflict.columns(["kind", "source_id", "target_key"]).doNothing())
    .execute();
}

/** The line a delivery stands in. */
export interface Line {
  /** Unique over all dispatch types; null: it stands in none. */
  readonly orderKey: string | null;
  /** What there is to say when the dispatcher could not tell. */
  readonly failures: readonly DeliveryFailure[];
}

const NO_LINE: Line = { orderKey: null, failures: [] };

/** Asks the dispatcher for a delivery's line. One that cannot tell costs the order, never the result. */
export function lineOf(dispatchers: DispatcherRegistry, type: string, target: unknown): Line {
  try {
    const key = dispatchers.get(type).orderKey?.(target) ?? null;
    return key === null ? NO_LINE : { orderKey: `${type}:${indexable(key)}`, failures: [] };
  } catch (error) {
    const message = storable(`It is sent out of order: orderKey failed. ${messageOf(error)}`);
    const failure = { attempt: 0, at: new Date().toISOString(), code: "order_key_failed", message };
    return { orderKey: null, failures: [failure] };
  }
}

/** An index holds no long texts, and Postgres no NUL. */
function indexable(key: string): string {
  return key.length > LONGEST_PLAIN_KEY || storable(key) !== key ? jsonDigest(key) : key;
}

const LONGEST_PLAIN_KEY = 255;

/** Makes commits of one line happen in the order of their numbers, so that its order is strict. */
async function holdLine(trx: TasksTrx, orderKey: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`line:${orderKey}`}, 0))`.execute(trx);
}
