import type { Clock } from "@core/registry";

export interface ManualClock extends Clock {
  /** Lets time pass, and calls what falls due in its order. */
  advance(byMs: number): void;
  /** How many timers wait. */
  pending(): number;
}

/** Time that passes only when a test says so. */
export function createManualClock(startMs: number = Date.parse("2026-01-01T00:00:00Z")): ManualClock {
  const timers = new Set<Timer>();
  let nowMs = startMs;
  return {
    now: () => nowMs,
    pending: () => timers.size,
    after(delayMs, callback) {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(byMs) {
      const endMs = nowMs + byMs;
      for (let timer = nextDue(timers, endMs); timer; timer = nextDue(timers, endMs)) {
        nowMs = timer.dueMs;
        timers.delete(timer);
        timer.callback();
      }
      nowMs = endMs;
    },
  };
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Equal ones in the order in which they were set. */
function nextDue(timers: ReadonlySet<Timer>, endMs: number): Timer | undefined {
  return [...timers].filter(({ dueMs }) => dueMs <= endMs).toSorted((a, b) => a.dueMs - b.dueMs)[0];
}
