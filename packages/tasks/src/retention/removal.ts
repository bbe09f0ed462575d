import type { Store } from "../store/store.ts";
import type { EndedState, KeepRule } from "./retention.ts";

/** Tasks of one type that have ended in one state. */
export interface EndedKind {
  readonly type: string;
  readonly state: EndedState;
}

/** Tasks in one transaction at most, so that none is long. */
const BATCH = 1_000;

/** The kinds of which there are any. */
export function endedKinds(store: Store): Promise<readonly EndedKind[]> {
  return store.run<EndedKind>(`select * from ${store.name("ended_kinds_1")}()`, []);
}

export interface RemovalOptions {
  /** For somebody else who is removing; otherwise it ends. */
  readonly waits: boolean;
  /** How many at most. Default: all. */
  readonly limit?: number;
  /** Aborted, it ends after the batch in hand. */
  readonly signal?: AbortSignal | undefined;
  /** Waited for between two batches. */
  readonly pause?: () => Promise<void>;
}

/**
 * Removes what a rule does not keep of a kind, oldest first, and yields after each batch how many those were; what ends
 * meanwhile is left for the next time.
 */
export async function* removeEnded(
  store: Store,
  kind: EndedKind,
  rule: KeepRule,
  { waits, limit = Infinity, signal, pause }: RemovalOptions,
): AsyncGenerator<number, void> {
  const edge = await edgeOf(store, kind, rule);
  let after: Place = { at: null, seq: null };
  let left = limit;
  while (edge.at !== null && left > 0) {
    const size = Math.min(BATCH, left);
    const batch = await removeBatch(store, kind, { edge, after, size, waits });
    if (batch === undefined || !batch.is_ours) return;
    left -= batch.removed;
    yield batch.removed;
    if (batch.seen < size) return;
    after = { at: batch.last_at, seq: batch.last_seq };
    await pause?.();
    if (signal?.aborted) return;
  }
}

/** In the order of ends. The moment is a text of the database's own. */
interface Place {
  readonly at: string | null;
  readonly seq: number | null;
}

interface BatchOrder {
  readonly edge: Place;
  readonly after: Place;
  readonly size: number;
  readonly waits: boolean;
}

interface Batch {
  readonly is_ours: boolean;
  readonly seen: number;
  readonly removed: number;
  readonly last_at: string | null;
  readonly last_seq: number | null;
}

async function edgeOf(store: Store, { type, state }: EndedKind, rule: KeepRule): Promise<Place> {
  const text = `select edge_at as at, edge_seq as seq from ${store.name("retention_edge_1")}($1, $2, $3::float8, $4::int)`;
  const [edge] = await store.run<Place>(text, [type, state, rule.ageMs ?? null, rule.count ?? null]);
  return edge ?? { at: null, seq: null };
}

async function removeBatch(
  store: Store,
  { type, state }: EndedKind,
  { edge, after, size, waits }: BatchOrder,
): Promise<Batch | undefined> {
  const text = `select * from ${store.name("remove_ended_1")}($1, $2, $3, $4::bigint, $5, $6::bigint, $7::int, $8::boolean)`;
  const parameters = [type, state, edge.at, edge.seq, after.at, after.seq, size, waits];
  const [batch] = await store.run<Batch>(text, parameters);
  return batch;
}
