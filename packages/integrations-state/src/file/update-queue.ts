import type { StateMutator, StateUpdate } from "../state/state-store.ts";
import type { LockedState, LockState } from "./locked-state.ts";
import type { StateFileParts } from "./state-file-options.ts";
import { lockTimedOut } from "./timeouts.ts";
import { createUpdateTurn } from "./update-turn.ts";
import type { UpdateTurn } from "./update-turn.ts";

/** The updates of this process. All that wait are stored by one write, and each is acknowledged after it. */
export interface UpdateQueue {
  /** @throws what the mutator threw, STATE_LOCK_TIMEOUT, STATE_MUTATOR_TIMEOUT, or why the state was not written */
  add<Result>(mutator: StateMutator<Result>): Promise<StateUpdate<Result>>;
  /** Resolves when none is in hand. */
  settled(): Promise<void>;
}

export function createUpdateQueue(parts: StateFileParts, lockState: LockState): UpdateQueue {
  const { path, clock, logger, lockTimeoutMs, mutatorTimeoutMs } = parts;
  const waiting = new Map<UpdateTurn, StopWaiting>();
  let work: Promise<void> | null = null;

  async function workOff(): Promise<void> {
    while (waiting.size > 0) await storeWaiting();
    work = null;
  }

  async function storeWaiting(): Promise<void> {
    let locked: LockedState | null;
    try {
      locked = await lockState(() => waiting.size > 0);
    } catch (error) {
      for (const turn of waiting.keys()) if (leave(turn)) turn.reject(error);
      return;
    }
    if (locked === null) return;
    await storeTogether(locked);
    await locked.release().catch((error: unknown) => {
      logger.error({ path, error }, "The lock of the integrations state could not be released.");
    });
  }

  async function storeTogether(locked: LockedState): Promise<void> {
    const taken: UpdateTurn[] = [];
    let { state } = locked;
    let isOverdue = false;
    // Other processes wait meanwhile: what slow mutators leave no time for comes with the next write.
    const stop = clock.after(mutatorTimeoutMs, () => (isOverdue = true));
    const turns = [...waiting.keys()];
    for (const turn of turns) {
      if (isOverdue) break;
      const next = leave(turn) ? await turn.take(state) : null;
      if (next === null) continue;
      state = next;
      taken.push(turn);
    }
    stop();
    await store(locked, state, taken);
  }

  /** Whether it was still waiting. */
  function leave(turn: UpdateTurn): boolean {
    waiting.get(turn)?.();
    return waiting.delete(turn);
  }

  return {
    add<Result>(mutator: StateMutator<Result>) {
      const answer = Promise.withResolvers<StateUpdate<Result>>();
      const turn = createUpdateTurn(parts, mutator, answer);
      const stop = clock.after(lockTimeoutMs, () => {
        if (leave(turn)) turn.reject(lockTimedOut(path, lockTimeoutMs));
      });
      waiting.set(turn, stop);
      work ??= workOff();
      return answer.promise;
    },
    async settled() {
      await work;
    },
  };
}

type StopWaiting = () => void;

async function store(
  locked: LockedState,
  state: LockedState["state"],
  taken: readonly UpdateTurn[],
): Promise<void> {
  if (taken.length === 0) return;
  try {
    await locked.commit(state);
    for (const turn of taken) turn.acknowledge();
  } catch (error) {
    for (const turn of taken) turn.reject(error);
  }
}
