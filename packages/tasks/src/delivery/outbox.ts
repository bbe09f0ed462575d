import type { DispatcherRegistry, JsonValue } from "@core/registry";
import type { Insertable } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { jsonDigest } from "../store/canonical-json.ts";
import type { ParkReason } from "./delivery-record.ts";
import type { RetryPolicyName } from "../retry-policy.ts";
import { retryPolicies } from "../retry-policy.ts";
import type { DeliveryTable } from "../store/tables.ts";

/** A delivery to be written: this payload to this target. */
export type NewDelivery = Pick<
  Insertable<DeliveryTable>,
  "kind" | "dispatch_type" | "target_checked" | "order_key" | "bot_id" | "origin" | "trace_context"
> & {
  readonly target: JsonValue;
  readonly policy: RetryPolicyName;
};

/**
 * A delivery in the form that `settle_1` writes in the transaction of what it tells of. The same source, kind and
 * target make one delivery, however often it is written. Without a live worker for its type it is parked, visibly,
 * until there is one.
 */
export function newDelivery(dispatchers: DispatcherRegistry, delivery: NewDelivery): Record<string, unknown> {
  const { dispatch_type: type, target, policy } = delivery;
  const reason: ParkReason = dispatchers.has(type) ? "unavailable" : "unknown_type";
  return {
    ...delivery,
    id: uuidv7(),
    target_key: `${type}:${jsonDigest(target)}`,
    max_attempts: retryPolicies[policy].maxAttempts,
    absent_reason: reason,
  };
}
