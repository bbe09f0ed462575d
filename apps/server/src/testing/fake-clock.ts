import { setImmediate } from "node:timers/promises";
import type { Clock } from "@core/registry";

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** How long each callback that waits has still to wait, the next one first. */
  readonly waits: readonly number[];
  /** Goes on and calls what is due in order, letting promises settle before each step. */
  advance(byMs: number): Promise<void>;
}

export function createFakeClock(): FakeClock {
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  let now = 0;

  return {
    get waits() {
      return [...timers].map(({ at }) => at - now).toSorted((a, b) => a - b);
    },
    now: () => now,
    after(delayMs, callback) {
      const timer = { at: now + delayMs, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(byMs) {
      const end = now + byMs;
      for (;;) {
        await setImmediate();
        const [next] = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.callback();
      }
      now = end;
    },
  };
}
