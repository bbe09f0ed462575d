import { prepared } from "@core/database";
import type { JsonValue } from "@core/registry";
import type { Selectable } from "kysely";
import type { Lease, WorkerIdentity } from "../lease/lease.ts";
import type { Store } from "../store/store.ts";
import type { DeliveryTable } from "../store/tables.ts";

/** A delivery in a worker's hand. */
export interface ClaimedDelivery {
  readonly row: ClaimedDeliveryRow;
  /** The stored result, error or payload. */
  readonly content: JsonValue;
  readonly lease: Lease;
}

type ClaimedDeliveryRow = Pick<
  Selectable<DeliveryTable>,
  | "id"
  | "kind"
  | "source_id"
  | "target_key"
  | "task_id"
  | "dispatch_type"
  | "target"
  | "target_checked"
  | "order_key"
  | "policy"
  | "bot_id"
  | "origin"
  | "trace_context"
  | "attempt"
  | "max_attempts"
  | "fence"
  | "uncertain"
  | "sent_parts"
  | "created_at"
>;

export interface DeliveryClaim {
  readonly worker: WorkerIdentity;
  /** The dispatch types that are ready here. */
  readonly types: readonly string[];
  readonly limit: number;
  /** How many of one target. Default: as many as there are. */
  readonly share?: number;
  /** The same by target, where it differs: by its `target_key`. */
  readonly rooms?: Readonly<Record<string, number>>;
  /** Targets, by `target_key`, that have had no room for a while. */
  readonly stuck?: readonly string[];
  /** Sets aside what waits for targets that are stuck or left alone, where it stands in the way. Default false. */
  readonly tidy?: boolean;
  /** How long the one attempt may take that finds out whether a target answers again. Default a minute. */
  readonly probeMs?: number;
}

export interface DeliveryCatch {
  readonly claimed: readonly ClaimedDelivery[];
  /** Some that are due may have been left behind, for want of room. */
  readonly hasMore: boolean;
  /** In how many milliseconds the next one is due. */
  readonly nextInMs: number | null;
}

type Row = ClaimedDeliveryRow & {
  readonly next_in_ms: number | null;
  readonly has_more: boolean | null;
  readonly content: JsonValue;
};

const MINUTE = 60_000;

/**
 * Takes up to `limit` due deliveries, each for one worker only: in a line only the first, one at a time, and none for
 * a target that nobody may call now.
 */
export async function claimDeliveries(store: Store, claim: DeliveryClaim): Promise<DeliveryCatch> {
  const {
    worker,
    types,
    limit,
    share = limit,
    rooms = {},
    stuck = [],
    tidy = false,
    probeMs = MINUTE,
  } = claim;
  const text = prepared(`select * from ${store.name("claim_deliveries_1")}(
    $1, $2::bigint, $3::text[], $4::int, $5::int, $6::text::jsonb, $7::text[], $8::boolean, $9::float8)`);
  const [head, ...rows] = await store.run<Row>(text, [
    worker.id,
    worker.epoch,
    types,
    limit,
    share,
    JSON.stringify(rooms),
    stuck,
    tidy,
    probeMs,
  ]);
  return {
    claimed: rows.map(({ content, next_in_ms: _next, has_more: _more, ...row }) => ({
      row,
      content,
      lease: { id: row.id, fence: row.fence, worker },
    })),
    hasMore: head?.has_more ?? false,
    nextInMs: head?.next_in_ms ?? null,
  };
}
