import type { Ticket } from "./tickets.ts";

/** What a process is to do once it is told to. */
export interface MutatorPlan {
  /** Of the state that all share. */
  readonly path: string;
  readonly owner: string;
  /** How many updates at a time. */
  readonly callers: number;
}

/** What it tells: that it has started, and each update that was acknowledged. */
export type FromMutator = "ready" | Acknowledgement;

export interface Acknowledgement extends Ticket {
  /** The tickets before it, as the update found them. */
  readonly before: readonly Ticket[];
  /** By the clock that all processes of the machine have in common. */
  readonly atMs: number;
}

export type ToMutator = "begin";
