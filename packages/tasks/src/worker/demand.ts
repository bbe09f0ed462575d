import type { Prefetch } from "./prefetch.ts";
import type { TaskHoldings } from "./task-holdings.ts";

/** How many tasks a worker wants, beside those it has and those it has asked for. */
export interface Demand {
  /** How many one claim may bring. */
  size(): number;
  /** Many at once, or because few are left to start: not one by one while many are ready. */
  isWorthAsking(): boolean;
  asked(count: number): void;
  answered(count: number): void;
}

/** Tasks per claim at most: two claims under way keep both the database and this process busy. */
const CLAIM = 500;

export function createDemand(
  places: number,
  prefetch: Prefetch,
  holdings: Pick<TaskHoldings, "running" | "ready">,
): Demand {
  let pending = 0;

  return {
    size: () => Math.min(room(), CLAIM),
    isWorthAsking: () => room() >= CLAIM / 2 || holdings.ready + pending <= prefetch.size() / 2,
    asked(count) {
      pending += count;
    },
    answered(count) {
      pending -= count;
    },
  };

  function room(): number {
    return places + prefetch.size() - holdings.running - holdings.ready - pending;
  }
}
