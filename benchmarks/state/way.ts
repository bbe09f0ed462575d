import type { IntegrationState } from "@core/integrations-state";

/** A way to keep the state in a file. */
export interface Way {
  readonly name: string;
  /** Opens the state at a path, where there is one already. */
  open(path: string): KeptState;
}

interface KeptState {
  /** Resolves when it is stored, as surely as this way stores things. */
  update(mutator: (state: IntegrationState) => void): Promise<unknown>;
}

/** Runs one after another, as a process does that has one file to write; a failure is its caller's alone. */
export function inTurn(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

/** What a reader of the first version does with what it finds. */
export function normalised(state: IntegrationState): IntegrationState {
  return { ...state, notifications: state.notifications.slice(-200) };
}
