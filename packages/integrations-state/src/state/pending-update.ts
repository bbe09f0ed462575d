import type { IntegrationState } from "./integration-state.ts";
import type { StateChange } from "./state-change.ts";
import type { StateUpdate } from "./state-store.ts";

/** An update whose caller waits. */
export interface PendingUpdate {
  /** Answers the state after it: the same one when it has failed. */
  apply(state: IntegrationState): Promise<IntegrationState>;
  /** Answers the caller: what it applied is stored. */
  stored(): void;
  /** Answers the caller: nothing is stored. */
  lost(reason: unknown): void;
}

/** The caller is answered once the change is stored, or has failed and the others of its write are stored. */
export function createPendingUpdate<Result>(
  change: (state: IntegrationState) => Promise<StateChange<Result>>,
): { readonly pending: PendingUpdate; readonly answer: Promise<StateUpdate<Result>> } {
  const { promise: answer, resolve, reject } = Promise.withResolvers<StateUpdate<Result>>();
  let settle = (): void => undefined;
  let hasFailed = false;
  const pending: PendingUpdate = {
    async apply(state) {
      try {
        const { next, update } = await change(state);
        settle = () => resolve(update);
        return next;
      } catch (error) {
        hasFailed = true;
        settle = () => reject(error);
        return state;
      }
    },
    stored: () => settle(),
    lost: (reason) => (hasFailed ? settle() : reject(reason)),
  };
  return { pending, answer };
}
