import { prepared } from "@core/database";
import type { DeliveryOutcome, SentPart } from "@core/registry";
import { sql } from "kysely";
import { NOT_PREPARED } from "./delivery-attempt.ts";
import type { DeliveryVerdict } from "./delivery-verdict.ts";
import type { Lease, WorkerIdentity } from "../lease/lease.ts";
import { LeaseLost, sentUnder } from "../lease/lease.ts";
import { LONGEST_RETRY_AFTER_MS } from "../retry-policy.ts";
import { storable } from "../store/storable-text.ts";
import type { Store } from "../store/store.ts";
import { json } from "../store/store.ts";

/** What became of an attempt, in the form that `settle_deliveries_1` takes. */
export interface DeliveryEnd {
  readonly id: string;
  readonly fence: number;
  readonly state: DeliveryVerdict["state"];
  readonly answer?: DeliveryVerdict["answer"];
  readonly external_ids?: readonly string[];
  /** What it says of the target: it fails, it answers; `back`: nothing was sent. */
  readonly health?: "ill" | "well" | "back";
  readonly more?: Readonly<Record<string, unknown>>;
}

/** What ends have said of a target. */
export interface TargetJudgement {
  readonly target_key: string;
  /** In a row. */
  readonly failures: number;
  /** It is not called for so long; 0: it may be called again. */
  readonly hold_ms: number;
  /** True when these ends have opened its circuit. */
  readonly opened?: boolean;
  /** True when it answers again and its circuit was open. */
  readonly closed?: boolean;
}

export interface SettledDeliveries {
  /** Those that were still held under the lease that ends. */
  readonly written: ReadonlySet<string>;
  readonly judged: readonly TargetJudgement[];
}

/** An attempt's end as its verdict says. */
export function endOf(
  { id, fence }: Pick<Lease, "id" | "fence">,
  attempt: number,
  outcome: DeliveryOutcome,
  verdict: DeliveryVerdict,
): DeliveryEnd {
  const { state, parkReason, skipReason, delayMs, uncertain, failure, answer, externalIds } = verdict;
  const health = healthOf(outcome);
  const holdMs = holdOf(outcome);
  const more = {
    ...(parkReason !== null && { park_reason: parkReason }),
    ...(skipReason !== null && { skip_reason: skipReason }),
    ...(delayMs > 0 && { delay_ms: delayMs }),
    ...(uncertain && { uncertain }),
    ...(failure !== null && { failure: { attempt, at: new Date().toISOString(), ...failure } }),
    ...(holdMs > 0 && { hold_ms: holdMs }),
  };
  return {
    id,
    fence,
    state,
    ...(answer !== null && { answer }),
    ...(externalIds.length > 0 && { external_ids: externalIds }),
    ...(health !== null && { health }),
    ...(Object.keys(more).length > 0 && { more }),
  };
}

/** The end of an attempt that was not made: it does not count, and the delivery is due again, at once or later. */
export function givenBack({ id, fence }: Pick<Lease, "id" | "fence">, delayMs = 0): DeliveryEnd {
  return { id, fence, state: "pending", health: "back", more: { uncounted: 1, delay_ms: delayMs } };
}

/** How long the receiver asked not to be called, in milliseconds; at most a day. */
export function holdOf(outcome: DeliveryOutcome): number {
  if (outcome.status !== "failed" || outcome.failure !== "retryable") return 0;
  const asked = outcome.retryAfterMs ?? 0;
  return asked > 0 ? Math.min(asked, LONGEST_RETRY_AFTER_MS) : 0;
}

/** Writes what became of attempts, in one statement. */
export async function settleDeliveries(
  store: Store,
  worker: WorkerIdentity,
  ends: readonly DeliveryEnd[],
): Promise<SettledDeliveries> {
  const text = prepared(`select * from ${store.name("settle_deliveries_1")}($1, $2::bigint, $3::text::json)`);
  const parameters = [worker.id, worker.epoch, JSON.stringify(ends)];
  const [row] = await store.run<{
    readonly written: readonly string[] | null;
    readonly judged: readonly TargetJudgement[] | null;
  }>(text, parameters);
  return { written: new Set(row?.written), judged: row?.judged ?? [] };
}

/** Gives a delivery back on a clean stop: it was not sent, and the attempt does not count. */
export async function releaseDelivery(store: Store, lease: Lease): Promise<void> {
  await settleDeliveries(store, lease.worker, [givenBack(lease)]);
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

/** What is our own trouble, or was refused before it was sent, says nothing of the receiver. */
function healthOf(outcome: DeliveryOutcome): NonNullable<DeliveryEnd["health"]> | null {
  if (outcome.status === "delivered") return "well";
  if (outcome.status === "skipped") return null;
  if (outcome.failure === "permanent") return outcome.answer === undefined ? null : "well";
  if (outcome.failure === "misconfigured") return null;
  return outcome.code === NOT_PREPARED ? "back" : "ill";
}
