import { emptyState } from "../state/empty-state.ts";
import type { IntegrationState } from "../state/integration-state.ts";
import type { StateStore } from "../state/state-store.ts";

/** A store that forgets everything with its process, for tests of what is built on one. */
export function createMemoryStore(initial?: IntegrationState): StateStore {
  let state = structuredClone(initial ?? emptyState(new Date(0)));
  let last: Promise<unknown> = Promise.resolve();
  return {
    read: async () => structuredClone(state),
    update: (mutator) => {
      const turn = last.then(async () => {
        const draft = structuredClone(state);
        const result = await mutator(draft);
        state = structuredClone(draft);
        return { state: draft, result };
      });
      last = turn.catch(() => undefined);
      return turn;
    },
    close: async () => {
      await last;
    },
  };
}
