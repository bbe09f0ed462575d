/** How many tasks a worker claims ahead, so that its places are not empty while it asks for more. */
export interface Prefetch {
  /** Tasks to have ready beside those that run. */
  size(): number;
  /** Tells how long a run took. */
  ran(ms: number): void;
  /** Tells that tasks waited too long to be started. */
  waitedTooLong(): void;
}

/** Claimed ahead is at most what is run in about this time, so that others are not kept from it. */
const AHEAD_MS = 100;
const MOST_PER_PLACE = 40;
const WEIGHT = 0.2;

/** From the mean run time: forty rounds of very short tasks, none of tasks that take longer than a tenth of a second. */
export function createPrefetch(places: number): Prefetch {
  let meanMs: number | null = null;

  return {
    size() {
      if (meanMs === null) return 0;
      const rounds = Math.ceil(AHEAD_MS / Math.max(meanMs, 0.1)) - 1;
      return places * Math.min(Math.max(rounds, 0), MOST_PER_PLACE);
    },
    ran(ms) {
      meanMs = meanMs === null ? ms : meanMs + (ms - meanMs) * WEIGHT;
    },
    waitedTooLong() {
      meanMs = Math.max(meanMs ?? 0, AHEAD_MS) * 2;
    },
  };
}
