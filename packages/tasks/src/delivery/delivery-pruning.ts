import type { Clock } from "@core/registry";
import { v7 as uuidv7 } from "uuid";
import type { DeliveryState } from "./delivery-record.ts";
import { invalidOptions } from "../errors.ts";
import { isAge } from "../retention/retention.ts";
import type { Store } from "../store/store.ts";
import { FIRST_ID } from "../store/uuid.ts";

export interface DeliveryPruneOptions {
  /** Those that ended so many milliseconds ago, or longer. */
  readonly olderThanMs: number;
  /** Default `["delivered", "skipped"]`: what is dead waits for a person unless it is named. */
  readonly states?: readonly PrunableState[];
}

/** States at which a delivery's way ends. */
type PrunableState = Extract<DeliveryState, "delivered" | "skipped" | "dead">;

const prunable: readonly PrunableState[] = ["delivered", "skipped", "dead"];
const BATCH = 500;

/**
 * Removes deliveries at their end, with the payloads that nobody refers to any more, in batches that others can come
 * between; returns how many.
 * @throws TasksError OPTIONS_INVALID
 */
export async function pruneDeliveries(
  store: Store,
  clock: Clock,
  options: DeliveryPruneOptions,
): Promise<number> {
  const { olderThanMs, states = ["delivered", "skipped"] } = options;
  assertPrunable(olderThanMs, states);
  const text = `select * from ${store.name("prune_deliveries_1")}($1::uuid, $2::uuid, $3::float8, $4::text[], $5::int)`;
  // An id begins with the time it was made, and none ended before it was made.
  const before = uuidv7({ msecs: Math.max(clock.now() - olderThanMs, 0) + SKEW_MS });
  let count = 0;
  for (let after: string | null = FIRST_ID; after !== null;) {
    const [row]: readonly { pruned: number; last: string | null }[] = await store.run(text, [
      after,
      before,
      olderThanMs,
      states,
      BATCH,
    ]);
    count += row?.pruned ?? 0;
    after = row === undefined || row.pruned < BATCH ? null : row.last;
  }
  return count;
}

/** The clocks of those who make ids may differ by so much. */
const SKEW_MS = 60_000;

function assertPrunable(olderThanMs: number, states: readonly string[]): void {
  const issues = states
    .filter((state) => !prunable.some((known) => known === state))
    .map((state) => ({ field: "states", message: `"${state}" is not one of ${prunable.join(", ")}.` }));
  if (!isAge(olderThanMs)) {
    issues.push({
      field: "olderThanMs",
      message: `${olderThanMs} is not a number of milliseconds from 0 on.`,
    });
  }
  if (issues.length > 0) throw invalidOptions("No delivery was removed.", issues);
}
