import type { CallBudget } from "../call-budget.ts";

/** How long growing messages of one workspace have to wait for Slack's limits, in milliseconds; 0: they need not. */
export interface StreamLimits {
  /** Before a stream begins: what begins has to be ended, and may take an edit after that. */
  startsInMs(): number;
  appendsInMs(): number;
  /** Before a message begins that grows by edits. */
  beginsInMs(): number;
  /** Before it is edited: it leaves an edit for each message that is open, and some more for those that have ended. */
  editsInMs(): number;
  /** What has begun and has to be ended. */
  readonly open: { streams: number; edited: number };
}

const SPARE_EDITS = 10;

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
  const open = { streams: 0, edited: 0 };
  const endsInMs = (more: number): number => freeInMs("chat.update", open.streams + open.edited + more);
  return {
    open,
    startsInMs: () =>
      Math.max(freeInMs("chat.startStream"), freeInMs("chat.stopStream", open.streams + 1), endsInMs(1)),
    appendsInMs: () => freeInMs("chat.appendStream"),
    beginsInMs: () => endsInMs(1),
    editsInMs: () => endsInMs(1 + SPARE_EDITS),
  };
}
