import type { Clock } from "@core/registry";
import type { IntegrationState } from "../state/integration-state.ts";
import { changeState } from "../state/state-change.ts";
import type { StateMutator, StateUpdate } from "../state/state-store.ts";
import type { StateFileParts } from "./state-file-options.ts";
import { mutatorTimedOut } from "./timeouts.ts";

/** One update, from its arrival to its answer. */
export interface UpdateTurn {
  /** The state as the mutator leaves it; null when it is refused, and its caller told. Never rejects. */
  take(state: IntegrationState): Promise<IntegrationState | null>;
  /** For one that was taken: it is stored. */
  acknowledge(): void;
  reject(error: unknown): void;
}

export function createUpdateTurn<Result>(
  { path, clock, mutatorTimeoutMs }: StateFileParts,
  mutator: StateMutator<Result>,
  { resolve, reject }: Pick<PromiseWithResolvers<StateUpdate<Result>>, "resolve" | "reject">,
): UpdateTurn {
  let acknowledge = (): void => undefined;
  return {
    async take(state) {
      const timedOut = mutatorTimedOut(path, mutatorTimeoutMs);
      try {
        // The draft is the mutator's own: what one that was given up still does to it goes nowhere.
        const change = changeState(state, mutator, clock);
        const { next, update } = await inTime(change, mutatorTimeoutMs, timedOut, clock);
        acknowledge = () => resolve(update);
        return next;
      } catch (error) {
        reject(error);
        return null;
      }
    },
    acknowledge: () => acknowledge(),
    reject,
  };
}

async function inTime<Value>(
  work: Promise<Value>,
  limitMs: number,
  error: Error,
  clock: Clock,
): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = clock.after(limitMs, () => reject(error));
  try {
    return await Promise.race([work, promise]);
  } finally {
    stop();
  }
}
