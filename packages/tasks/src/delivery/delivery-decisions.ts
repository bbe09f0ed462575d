import { sql } from "kysely";
import { isOfNothing, isSelected } from "./delivery-reader.ts";
import type { DeliverySelection, DeliveryState } from "./delivery-record.ts";
import { nowPlus } from "../store/store.ts";
import type { Store } from "../store/store.ts";
import { FIRST_ID, isUuid } from "../store/uuid.ts";

/**
 * What became of a retry: it is sent again (`pending`), counts as `delivered`, was `refused` because there is nothing to
 * decide in its state, or is `unknown`.
 */
export type DeliveryRetryAnswer = "pending" | "delivered" | "refused" | "unknown";

export interface DeliveryRetryOptions {
  /** Of a held one: it has arrived, count it as delivered rather than send it again. */
  readonly asSent?: boolean;
}

/** States that a person may end. */
type DecidableState = Extract<DeliveryState, "dead" | "held" | "parked">;

export interface DeliveryRetryFilter extends DeliverySelection {
  /** Default `dead`. */
  readonly state?: DecidableState;
}

const decidable: readonly DecidableState[] = ["dead", "held", "parked"];
const BATCH = 500;

/** Decides for one that is dead, held or parked. */
export async function retryDelivery(
  store: Store,
  id: string,
  { asSent = false }: DeliveryRetryOptions,
): Promise<DeliveryRetryAnswer> {
  if (!isUuid(id)) return "unknown";
  const query = store.db.updateTable("delivery").where("id", "=", id);
  const decided = asSent
    ? query
        .set({ state: "delivered", delivered_at: nowPlus(0), next_at: nowPlus(0) })
        .where("state", "=", "held")
    : query.set(again).where("state", "in", decidable);
  const row = await decided.returning("state").executeTakeFirst();
  if (row !== undefined) return asSent ? "delivered" : "pending";
  const known = await store.db.selectFrom("delivery").select("id").where("id", "=", id).executeTakeFirst();
  return known === undefined ? "unknown" : "refused";
}

/** Sends all of a selection again, in batches that others can come between; returns how many those were. */
export async function retryDeliveries(
  store: Store,
  { state = "dead", ...selection }: DeliveryRetryFilter,
  onBatch: () => void,
): Promise<number> {
  if (isOfNothing(selection)) return 0;
  let count = 0;
  // Onwards by id, so that one which dies again meanwhile is not sent again and again.
  for (let after: string | undefined = FIRST_ID; after !== undefined;) {
    const rows: readonly { readonly id: string }[] = await store.db
      .updateTable("delivery")
      .set(again)
      .where("state", "=", state)
      .where("id", "in", (eb) =>
        eb
          .selectFrom("delivery")
          .select("id")
          .where("state", "=", state)
          .where("id", ">", after ?? "")
          .where((one) => isSelected(one, selection))
          .orderBy("id")
          .limit(BATCH)
          .forUpdate()
          .skipLocked(),
      )
      .returning("id")
      .execute();
    count += rows.length;
    if (rows.length > 0) onBatch();
    after =
      rows.length < BATCH
        ? undefined
        : rows
            .map(({ id }) => id)
            .toSorted()
            .at(-1);
  }
  return count;
}

/** With all its attempts before it. What the receiver has confirmed of its parts is not sent again. */
const again = {
  state: "pending" as const,
  park_reason: null,
  attempt: 0,
  uncertain: false,
  next_at: sql<Date>`clock_timestamp()`,
};
