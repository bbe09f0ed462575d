import type { Clock } from "../src/clock.ts";

/** A clock that moves only when it is told to. */
export interface FakeClock extends Clock {
  /** Moves on and calls, in their order, all timers that come due. */
  advance(ms: number): void;
  /** Timers that wait. */
  timers(): number;
}

export function createFakeClock(): FakeClock {
  const timers = new Map<object, { readonly at: number; readonly callback: () => void }>();
  let now = 0;
  return {
    now: () => now,
    after(delayMs, callback) {
      const key = {};
      timers.set(key, { at: now + delayMs, callback });
      return () => timers.delete(key);
    },
    advance(ms) {
      now += ms;
      const due = [...timers].filter(([, { at }]) => at <= now).toSorted(([, a], [, b]) => a.at - b.at);
      for (const [key, { callback }] of due) {
        if (timers.delete(key)) callback();
      }
    },
    timers: () => timers.size,
  };
}

/** Lets all promises that can go on do so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
