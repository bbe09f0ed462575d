import type { Clock } from "@core/registry";

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** How many callbacks wait. */
  readonly waiting: number;
  /** Lets promises settle, then goes on and calls what is due in order, letting promises settle after each step. */
  advance(byMs: number): Promise<void>;
}

/** Starts at the Unix epoch. */
export function createFakeClock(): FakeClock {
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  let now = 0;

  return {
    get waiting() {
      return timers.size;
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
        await settled();
        const [next] = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        now = next.at;
        next.callback();
      }
      now = end;
    },
  };
}

/** A turn of the event loop, so that all promise callbacks that are ready have run. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
