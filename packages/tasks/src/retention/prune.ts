import { invalidOptions } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { EndedKind } from "./removal.ts";
import { removeEnded } from "./removal.ts";
import type { EndedState, KeepRule } from "./retention.ts";
import { endedStates, isAge } from "./retention.ts";

/** Which ended tasks are removed by hand. */
export interface PruneRequest {
  /** Those whose end is longer ago. 0: all that have ended by now. */
  readonly olderThanMs: number;
  /** Default: all three. */
  readonly states?: readonly EndedState[];
  /** Default: all. */
  readonly types?: readonly string[];
  /** No more than so many, in no certain order. */
  readonly limit?: number;
  /** Told after each batch how many have been removed so far. */
  readonly onProgress?: (removed: number) => void;
  /** Aborted, it ends after the batch in hand. */
  readonly signal?: AbortSignal;
}

/** Removes in batches, each a transaction of its own; gives back how many tasks those were. @throws OPTIONS_INVALID */
export async function pruneTasks(store: Store, request: PruneRequest): Promise<number> {
  const { olderThanMs, states = endedStates, types, limit = Infinity, onProgress, signal } = request;
  if (!isAge(olderThanMs)) {
    const message = `${olderThanMs} is no number of ms from 0 on.`;
    throw invalidOptions("Nothing was removed.", [{ field: "olderThanMs", message }]);
  }
  const ruleOf = ({ type, state }: EndedKind): KeepRule | undefined =>
    states.includes(state) && (types?.includes(type) ?? true) ? { ageMs: olderThanMs } : undefined;
  let total = 0;
  if (signal?.aborted) return total;
  for await (const removed of removeEnded(store, ruleOf, { waits: true, limit, signal })) {
    total += removed;
    onProgress?.(total);
  }
  return total;
}
