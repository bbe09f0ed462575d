import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "@core/registry";
import { IntegrationsError } from "../errors.ts";
import type { IntegrationState } from "./integration-state.ts";
import { changeState } from "./state-change.ts";
import type { StateMutator, StateStore, StateUpdate } from "./state-store.ts";

/** Where a whole state is kept, such as a file or a row. */
export interface StateBackend {
  /** A complete state, which the caller owns. */
  read(): Promise<IntegrationState>;
  /**
   * Calls `turn` once with the latest state, while nobody else may write, and stores what it answers; null stores
   * nothing. `turn` never rejects. Resolves once the state would survive a crash.
   */
  write(turn: (latest: IntegrationState) => Promise<IntegrationState | null>): Promise<void>;
  close(): Promise<void>;
}

/**
 * A store that collects updates while one write is under way and makes the next write of all of them: each runs alone
 * on what the one before it left, in the order of their calls, and is answered when that write is done.
 */
export function createQueuedStore(backend: StateBackend, clock: Clock): StateStore {
  const insideMutator = new AsyncLocalStorage<{ running: boolean }>();
  let waiting: PendingUpdate[] = [];
  let draining: Promise<void> | null = null;
  let closing: Promise<void> | null = null;

  async function drain(): Promise<void> {
    while (waiting.length > 0) await writeGroup(backend, takeWaiting);
    draining = null;
  }

  function takeWaiting(): PendingUpdate[] {
    const taken = waiting;
    waiting = [];
    return taken;
  }

  return {
    async read() {
      if (closing !== null) throw storeClosed();
      return backend.read();
    },
    async update(mutator) {
      if (closing !== null) throw storeClosed();
      if (insideMutator.getStore()?.running === true) throw nestedUpdate();
      const { pending, answer } = createUpdate(mutator, clock, insideMutator);
      waiting.push(pending);
      draining ??= drain();
      return answer;
    },
    close() {
      closing ??= Promise.resolve(draining).then(() => backend.close());
      return closing;
    },
  };
}

/** An update whose caller waits. */
interface PendingUpdate {
  /** Answers the state after it: the same one when it has failed. */
  apply(state: IntegrationState): Promise<IntegrationState>;
  /** Answers the caller: what it applied is stored. */
  stored(): void;
  /** Answers the caller: nothing is stored. */
  lost(reason: unknown): void;
}

/** Those that come while the write waits for its turn join it. When it has no turn, only the first of them are lost. */
async function writeGroup(backend: StateBackend, takeWaiting: () => PendingUpdate[]): Promise<void> {
  const group = takeWaiting();
  try {
    await backend.write(async (latest) => {
      group.push(...takeWaiting());
      let state = latest;
      for (const update of group) state = await update.apply(state);
      return state === latest ? null : state;
    });
    for (const update of group) update.stored();
  } catch (error) {
    for (const update of group) update.lost(error);
  }
}

function createUpdate<Result>(
  mutator: StateMutator<Result>,
  clock: Clock,
  insideMutator: AsyncLocalStorage<{ running: boolean }>,
): { pending: PendingUpdate; answer: Promise<StateUpdate<Result>> } {
  const { promise, resolve, reject } = Promise.withResolvers<StateUpdate<Result>>();
  let settle = (): void => undefined;
  let failed = false;
  const pending: PendingUpdate = {
    async apply(state) {
      const mark = { running: true };
      try {
        const { next, update } = await insideMutator.run(mark, () => changeState(state, mutator, clock));
        settle = () => resolve(update);
        return next;
      } catch (error) {
        failed = true;
        settle = () => reject(error);
        return state;
      } finally {
        mark.running = false;
      }
    },
    stored: () => settle(),
    lost: (reason) => (failed ? settle() : reject(reason)),
  };
  return { pending, answer: promise };
}

function storeClosed(): IntegrationsError {
  return new IntegrationsError({
    code: "STATE_CLOSED",
    message: "The store of the integrations state is closed. Open another one.",
  });
}

function nestedUpdate(): IntegrationsError {
  return new IntegrationsError({
    code: "STATE_UPDATE_NESTED",
    message:
      "An update was begun inside the mutator of another one and would wait for itself. Change the state that the mutator was given.",
  });
}
