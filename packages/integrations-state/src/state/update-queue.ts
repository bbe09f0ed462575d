import type { IntegrationState } from "./integration-state.ts";
import type { MutatorTimes } from "./mutator-time.ts";
import type { PendingUpdate } from "./pending-update.ts";
import type { StateBackend } from "./queued-store.ts";

/** The updates of one store, written in groups. */
export interface UpdateQueue {
  add(update: PendingUpdate): void;
  /** Resolves when none is in hand. */
  settled(): Promise<void>;
}

/** When a turn has lasted as long as one mutator may, those that are left wait for the next, and other processes write. */
export function createUpdateQueue(backend: StateBackend, times: MutatorTimes): UpdateQueue {
  let waiting: PendingUpdate[] = [];
  let draining: Promise<void> | null = null;

  async function drain(): Promise<void> {
    while (waiting.length > 0) await writeGroup();
    draining = null;
  }

  /** Those that come while the write waits for its turn join it. When it has no turn, only the first of them are lost. */
  async function writeGroup(): Promise<void> {
    const group = waiting.splice(0);
    try {
      await backend.write(async (latest) => {
        group.push(...waiting.splice(0));
        const { state, applied } = await applyInTurn(group, latest, times);
        waiting = [...group.splice(applied), ...waiting];
        return state === latest ? null : state;
      });
      for (const update of group) update.stored();
    } catch (error) {
      for (const update of group) update.lost(error);
    }
  }

  return {
    add(update) {
      waiting.push(update);
      draining ??= drain();
    },
    async settled() {
      await draining;
    },
  };
}

/** Answers the state after the last update for which there was time, and how many there were: at least one. */
async function applyInTurn(
  updates: readonly PendingUpdate[],
  latest: IntegrationState,
  { clock, mutatorTimeoutMs }: MutatorTimes,
): Promise<{ readonly state: IntegrationState; readonly applied: number }> {
  let isOver = false;
  const stop = clock.after(mutatorTimeoutMs, () => {
    isOver = true;
  });
  let state = latest;
  let applied = 0;
  for (const update of updates) {
    if (isOver) break;
    state = await update.apply(state);
    applied += 1;
  }
  stop();
  return { state, applied };
}
