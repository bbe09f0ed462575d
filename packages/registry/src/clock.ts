/** Time as a port: handed in, so that tests need no sleeping. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `callback` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Longer delays overflow the machine's timers, which then fire at once. */
const LONGEST_DELAY_MS = 2_147_483_647;

/** The machine's own clock. A timer keeps its process alive, and none waits longer than 24 days. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, LONGEST_DELAY_MS));
    return () => clearTimeout(timer);
  },
};
