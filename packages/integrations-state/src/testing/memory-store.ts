import { systemClock } from "@core/registry";
import type { Clock } from "@core/registry";
import { emptyState } from "../state/empty-state.ts";
import type { IntegrationState } from "../state/integration-state.ts";
import type { StateBackend } from "../state/queued-store.ts";
import { createQueuedStore } from "../state/queued-store.ts";
import { normalState } from "../state/state-document.ts";
import type { StateStore } from "../state/state-store.ts";

/** So long, because a test may hold up a mutator. */
const MUTATOR_TIMEOUT_MS = 60_000;

/** A store that forgets everything with its process, for tests of what is built on one. */
export function createMemoryStore(initial?: IntegrationState, clock?: Clock): StateStore {
  return createMemoryPlace(initial).open(clock);
}

/** A place in memory that several stores may share. */
export interface MemoryPlace {
  open(clock?: Clock): StateStore;
}

export function createMemoryPlace(initial?: IntegrationState): MemoryPlace {
  let state = normalState(initial ?? emptyState(new Date(0)));
  let last: Promise<void> = Promise.resolve();
  const backend: StateBackend = {
    read: async () => structuredClone(state),
    write(turn) {
      const earlier = last;
      last = (async () => {
        await earlier;
        state = (await turn(state)) ?? state;
      })();
      return last;
    },
    close: async () => undefined,
  };
  return { open: (clock = systemClock) => createQueuedStore(backend, clock, MUTATOR_TIMEOUT_MS) };
}
