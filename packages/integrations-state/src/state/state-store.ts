import type { IntegrationState } from "./integration-state.ts";

/**
 * Changes the state in place and may answer something; stored notifications are frozen, to be replaced rather than
 * changed. A throw undoes what it changed, and only that.
 */
export type StateMutator<Result> = (state: IntegrationState) => Result | Promise<Result>;

/** A mutation that is stored: the whole state after it, and what the mutator answered. */
export interface StateUpdate<Result> {
  readonly state: IntegrationState;
  readonly result: Result;
}

/**
 * Where the state lives. Reads need no lock and always see a complete state; the caller owns what it gets.
 * Updates of all processes run one after another, each on the latest state.
 */
export interface StateStore {
  read(): Promise<IntegrationState>;
  /** Resolves once the change would survive a crash. Rejects with what the mutator threw, or an IntegrationsError. */
  update<Result>(mutator: StateMutator<Result>): Promise<StateUpdate<Result>>;
  /** Waits for the updates in hand; later calls reject with STATE_CLOSED. */
  close(): Promise<void>;
}
