import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "@core/registry";
import type { IntegrationState } from "./integration-state.ts";
import { inTime } from "./mutator-time.ts";
import { createPendingUpdate } from "./pending-update.ts";
import { changeState } from "./state-change.ts";
import type { StateStore } from "./state-store.ts";
import { nestedUpdate, storeClosed } from "./store-faults.ts";
import { createUpdateQueue } from "./update-queue.ts";

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
 * on what the one before it left, in the order of their calls, and is answered when that write is done. A mutator that
 * takes longer than `mutatorTimeoutMs` is given up, because nobody else can write meanwhile.
 */
export function createQueuedStore(
  backend: StateBackend,
  clock: Clock,
  mutatorTimeoutMs: number = 1_000,
): StateStore {
  const times = { clock, mutatorTimeoutMs };
  const queue = createUpdateQueue(backend, times);
  const insideMutator = new AsyncLocalStorage<{ running: boolean }>();
  let closing: Promise<void> | null = null;
  return {
    async read() {
      if (closing !== null) throw storeClosed();
      return backend.read();
    },
    async update(mutator) {
      if (closing !== null) throw storeClosed();
      if (insideMutator.getStore()?.running === true) throw nestedUpdate();
      const { pending, answer } = createPendingUpdate(async (state) => {
        const mark = { running: true };
        try {
          return await insideMutator.run(mark, () => inTime(changeState(state, mutator, clock), times));
        } finally {
          mark.running = false;
        }
      });
      queue.add(pending);
      return answer;
    },
    close() {
      closing ??= queue.settled().then(() => backend.close());
      return closing;
    },
  };
}
