import { setImmediate } from "node:timers/promises";
import type { Clock } from "@core/registry";

export interface ManualClock extends Clock {
  /** Lets time pass, and calls what falls due in its order. */
  advance(byMs: number): void;
  /** The same, and lets promises settle before each call and at the end. */
  elapse(byMs: number): Promise<void>;
  /** How many timers wait. */
  pending(): number;
  /** How long each timer has still to wait, the next one first. */
  waits(): readonly number[];
}

/** Time that passes only when a test says so. */
export function createManualClock(startMs: number = Date.parse("2026-01-01T00:00:00Z")): ManualClock {
  const timers = new Set<Timer>();
  let nowMs = startMs;
  return {
    now: () => nowMs,
    pending: () => timers.size,
    waits: () => [...timers].map(({ dueMs }) => dueMs - nowMs).toSorted((a, b) => a - b),
    after(delayMs, callback) {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(byMs) {
      const endMs = nowMs + byMs;
      while (callNext(endMs));
      nowMs = endMs;
    },
    async elapse(byMs) {
      const endMs = nowMs + byMs;
      do await setImmediate();
      while (callNext(endMs));
      nowMs = endMs;
      await setImmediate();
    },
  };

  /** False when nothing is due until then. */
  function callNext(endMs: number): boolean {
    const timer = nextDue(timers, endMs);
    if (timer === undefined) return false;
    nowMs = Math.max(nowMs, timer.dueMs);
    timers.delete(timer);
    timer.callback();
    return true;
  }
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Equal ones in the order in which they were set. */
function nextDue(timers: ReadonlySet<Timer>, endMs: number): Timer | undefined {
  return [...timers].filter(({ dueMs }) => dueMs <= endMs).toSorted((a, b) => a.dueMs - b.dueMs)[0];
}
