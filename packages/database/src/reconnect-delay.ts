const firstDelayMs = 100;
const longestDelayMs = 15_000;

/** How long to wait before the next attempt: doubling from 100 ms to 15 s, with the upper half drawn by lot. */
export function reconnectDelayMs(attempt: number, random: () => number = Math.random): number {
  const ceilingMs = Math.min(longestDelayMs, firstDelayMs * 2 ** attempt);
  return ceilingMs / 2 + (random() * ceilingMs) / 2;
}
