import type { SentPart } from "@core/registry";
import { sql } from "kysely";
import type { DeliveryFailure } from "./delivery-record.ts";
import type { DeliveryVerdict } from "./delivery-verdict.ts";
import type { Lease } from "../lease/lease.ts";
import { LeaseLost, sentUnder } from "../lease/lease.ts";
import { storable } from "../store/storable-text.ts";
import type { Store } from "../store/store.ts";
import { json, nowPlus } from "../store/store.ts";

/** Writes what became of an attempt; false when the lease was lost and nothing was written. */
export async function settleDelivery(
  store: Store,
  lease: Lease,
  attempt: number,
  verdict: DeliveryVerdict,
): Promise<boolean> {
  const failures: readonly DeliveryFailure[] = verdict.failure
    ? [{ attempt, at: new Date().toISOString(), ...verdict.failure }]
    : [];
  const row = await store.db
    .updateTable("delivery")
    .set({
      state: verdict.state,
      park_reason: verdict.parkReason,
      skip_reason: verdict.skipReason,
      next_at: nowPlus(verdict.delayMs),
      uncertain: verdict.uncertain,
      failures: sql`failures || ${json(failures)}`,
      answer: json(verdict.answer),
      external_ids: json(verdict.externalIds),
      delivered_at: verdict.state === "delivered" ? sql<Date>`clock_timestamp()` : null,
      worker_id: null,
      worker_epoch: null,
    })
    .where(sentUnder(lease))
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/** Gives a delivery back on a clean stop: it was not sent, and the attempt does not count. */
export async function releaseDelivery(store: Store, lease: Lease): Promise<void> {
  await store.db
    .updateTable("delivery")
    .set((eb) => ({
      state: "pending",
      attempt: eb("attempt", "-", 1),
      next_at: sql<Date>`clock_timestamp()`,
      worker_id: null,
      worker_epoch: null,
    }))
    .where(sentUnder(lease))
    .execute();
}

/**
 * Keeps a part that the receiver has confirmed.
 * @throws TasksError LEASE_LOST
 */
export async function storeSentPart(store: Store, lease: Lease, part: SentPart): Promise<void> {
  const row = await store.db
    .updateTable("delivery")
    .set({ sent_parts: sql`sent_parts || ${json([storable(part)])}` })
    .where(sentUnder(lease))
    .returning("id")
    .executeTakeFirst();
  if (row === undefined) throw new LeaseLost(lease.id);
}
