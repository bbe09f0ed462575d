import type { Clock } from "@core/registry";

export interface ManualClock extends Clock {
  /** Lets time pass, and calls what falls due. */
  advance(byMs: number): void;
  /** How many timers wait. */
  pending(): number;
}

/** Time that passes only when a test says so. */
export function createManualClock(startMs: number = Date.parse("2026-01-01T00:00:00Z")): ManualClock {
  const timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>();
  let nowMs = startMs;
  return {
    now: () => nowMs,
    pending: () => timers.size,
    after(delayMs, callback) {
      const timer = { dueMs: nowMs + delayMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(byMs) {
      nowMs += byMs;
      for (const timer of timers) {
        if (timer.dueMs > nowMs) continue;
        timers.delete(timer);
        timer.callback();
      }
    },
  };
}
