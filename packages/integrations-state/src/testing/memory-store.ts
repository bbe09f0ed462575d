import { systemClock } from "@core/registry";
import type { Clock } from "@core/registry";
import { IntegrationsError } from "../errors.ts";
import { emptyState } from "../state/empty-state.ts";
import type { IntegrationState } from "../state/integration-state.ts";
import { changeState } from "../state/state-change.ts";
import { normalState } from "../state/state-document.ts";
import type { StateMutator, StateStore, StateUpdate } from "../state/state-store.ts";

/** A store that forgets everything with its process, for tests of what is built on one. */
export function createMemoryStore(initial?: IntegrationState, clock?: Clock): StateStore {
  return createMemoryPlace(initial).open(clock);
}

/** A place in memory that several stores share. */
export interface MemoryPlace {
  open(clock?: Clock): StateStore;
}

export function createMemoryPlace(initial?: IntegrationState): MemoryPlace {
  let state = normalState(initial ?? emptyState(new Date(0)));
  let last: Promise<unknown> = Promise.resolve();

  async function change<Result>(mutator: StateMutator<Result>, clock: Clock): Promise<StateUpdate<Result>> {
    const { next, update } = await changeState(state, mutator, clock);
    state = next;
    return update;
  }

  function open(clock: Clock = systemClock): StateStore {
    let closed = false;
    const whileOpen = (): void => {
      if (closed) throw storeClosed();
    };
    return {
      read: async () => {
        whileOpen();
        return structuredClone(state);
      },
      update: async (mutator) => {
        whileOpen();
        const turn = last.then(() => change(mutator, clock));
        last = turn.catch(() => undefined);
        return turn;
      },
      close: async () => {
        closed = true;
        await last;
      },
    };
  }

  return { open };
}

function storeClosed(): IntegrationsError {
  return new IntegrationsError({
    code: "STATE_CLOSED",
    message: "The store of the integrations state is closed. Open another one.",
  });
}
