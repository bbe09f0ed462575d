import type { CallBudget } from "../call-budget.ts";

/** How long the streams of one workspace have to wait for Slack's limits, in milliseconds; 0: they need not. */
export interface StreamLimits {
  /** Before one begins: what begins has to be ended. */
  startsInMs(): number;
  appendsInMs(): number;
  /** Before a growing message is edited: it leaves some edits to those that put messages right in the end. */
  editsInMs(): number;
  /** Streams that have begun and have to be ended. */
  open: number;
}

const EDITS_LEFT = 5;

/** The limits by workspace, as the budget counts them: shared by all streams of a process. */
export function createStreamLimits(budget: Pick<CallBudget, "freeInMs">): (team: string) => StreamLimits {
  const teams = new Map<string, StreamLimits>();
  return (team) => {
    const limits = teams.get(team) ?? limitsOf(team, budget);
    teams.set(team, limits);
    return limits;
  };
}

function limitsOf(team: string, budget: Pick<CallBudget, "freeInMs">): StreamLimits {
  const freeInMs = (method: string, calls?: number): number => budget.freeInMs({ team, method }, calls);
  const limits: StreamLimits = {
    startsInMs: () => Math.max(freeInMs("chat.startStream"), freeInMs("chat.stopStream", limits.open + 1)),
    appendsInMs: () => freeInMs("chat.appendStream"),
    editsInMs: () => freeInMs("chat.update", 1 + EDITS_LEFT),
    open: 0,
  };
  return limits;
}
