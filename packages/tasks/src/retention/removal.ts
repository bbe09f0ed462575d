import type { Store } from "../store/store.ts";
import type { EndedState, KeepRule } from "./retention.ts";

/** Tasks of one type that have ended in one state. */
export interface EndedKind {
  readonly type: string;
  readonly state: EndedState;
}

/** Tasks in one transaction at most, so that none is long. */
const BATCH = 1_000;
/** Found by one look through the table. */
const FIND = 20_000;

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
 * Removes what the rules of their kinds do not keep, and yields after each batch how many tasks those were; what ends
 * meanwhile is left for the next time. A kind without a rule is kept.
 */
export async function* removeEnded(
  store: Store,
  ruleOf: (kind: EndedKind) => KeepRule | undefined,
  { waits, limit = Infinity, signal, pause }: RemovalOptions,
): AsyncGenerator<number, void> {
  const edges = await edgesOf(store, ruleOf);
  let left = limit;
  let isMore = edges.length > 0;
  while (isMore && left > 0) {
    const size = Math.min(FIND, left);
    const ids = await idsBeyond(store, edges, size);
    const before = left;
    for (let at = 0; at < ids.length; at += BATCH) {
      if (signal?.aborted) return;
      const count = await removeBatch(store, ids.slice(at, at + BATCH), waits);
      if (count === null) return;
      left -= count;
      yield count;
      if (at + BATCH < ids.length || ids.length === size) await pause?.();
    }
    // Somebody else holds what was found: it is left for the next time.
    isMore = ids.length === size && left < before;
  }
}

/** A place in the order of ends. The moment is a text of the database's own. */
interface Edge extends EndedKind {
  readonly edge_at: string;
  readonly edge_seq: number;
}

async function edgesOf(
  store: Store,
  ruleOf: (kind: EndedKind) => KeepRule | undefined,
): Promise<readonly Edge[]> {
  const kinds = await store.run<EndedKind & { readonly n: number }>(
    `select * from ${store.name("ended_kinds_1")}()`,
    [],
  );
  const rules = kinds.flatMap(({ n, ...kind }) => {
    const { ageMs, count = n } = ruleOf(kind) ?? {};
    const keep = count < n ? count : undefined;
    return ageMs === undefined && keep === undefined ? [] : [{ ...kind, age_ms: ageMs, keep }];
  });
  if (rules.length === 0) return [];
  return store.run<Edge>(`select * from ${store.name("retention_edges_1")}($1::text::json)`, [
    JSON.stringify(rules),
  ]);
}

async function idsBeyond(store: Store, edges: readonly Edge[], most: number): Promise<readonly string[]> {
  const text = `select ${store.name("beyond_edges_1")}($1::text::json, $2::int) as ids`;
  const [row] = await store.run<{ readonly ids: readonly string[] }>(text, [JSON.stringify(edges), most]);
  return row?.ids ?? [];
}

/** Null: somebody else is at it. */
async function removeBatch(store: Store, ids: readonly string[], waits: boolean): Promise<number | null> {
  const text = `select ${store.name("remove_ended_1")}($1::text[]::uuid[], $2::boolean) as removed`;
  const [row] = await store.run<{ readonly removed: number | null }>(text, [ids, waits]);
  return row?.removed ?? null;
}
