import { invalidOptions } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { endedKinds, removeEnded } from "./removal.ts";
import type { EndedState } from "./retention.ts";
import { endedStates, isAge } from "./retention.ts";

/** Which ended tasks are removed by hand. */
export interface PruneRequest {
  /** Those whose end is longer ago. 0: all that have ended by now. */
  readonly olderThanMs: number;
  /** Default: all three. */
  readonly states?: readonly EndedState[];
  /** Default: all. */
  readonly types?: readonly string[];
  /** No more than so many, the oldest of each type and state first. */
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
  let total = 0;
  for (const kind of await endedKinds(store)) {
    if (signal?.aborted || total >= limit) break;
    if (!states.includes(kind.state) || types?.includes(kind.type) === false) continue;
    const options = { waits: true, limit: limit - total, signal };
    for await (const removed of removeEnded(store, kind, { ageMs: olderThanMs }, options)) {
      total += removed;
      onProgress?.(total);
    }
  }
  return total;
}
