import type { Clock } from "@core/registry";
import type { IntegrationState } from "./integration-state.ts";
import { copyJson } from "./json-copy.ts";
import { draftState } from "./state-draft.ts";
import type { StateMutator, StateUpdate } from "./state-store.ts";

/** One mutation that is not stored yet. */
export interface StateChange<Result> {
  /** What is to be stored, and what the next change starts from. Nobody outside has it. */
  readonly next: IntegrationState;
  /** What the caller gets once it is stored; its state is a copy. */
  readonly update: StateUpdate<Result>;
}

/**
 * Runs a mutator on a copy of the state and sets `updated_at`. Every store changes its state by this.
 * @throws what the mutator threw, or INTEGRATIONS_INPUT_INVALID when it leaves no valid state; `state` is as it was
 */
export async function changeState<Result>(
  state: IntegrationState,
  mutator: StateMutator<Result>,
  clock: Clock,
): Promise<StateChange<Result>> {
  const draft = draftState(state);
  const result = await mutator(draft.state);
  const next = draft.normal(new Date(clock.now()));
  return { next, update: updateOf(next, result) };
}

/** Most callers look at the result alone, and a copy of a full history costs more than all else that a change does. */
function updateOf<Result>(next: IntegrationState, result: Result): StateUpdate<Result> {
  let copy: IntegrationState | null = null;
  return {
    get state() {
      copy ??= copyJson(next);
      return copy;
    },
    result,
  };
}
