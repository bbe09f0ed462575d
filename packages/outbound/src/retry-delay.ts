export interface RetryDelayOptions {
  /** 0 before the first retry. */
  readonly attempt: number;
  /** Between 0 (included) and 1 (excluded). */
  readonly random: number;
  /** Default 100. */
  readonly baseMs?: number;
  /** Default 5,000. */
  readonly capMs?: number;
  /** What the receiver asked for; waited for in full. */
  readonly retryAfterMs?: number | null;
}

/** How long to wait before the next attempt: base · 2^attempt up to the cap, of which at least half; never less than Retry-After. */
export function retryDelayMs(options: RetryDelayOptions): number {
  const { attempt, random, baseMs = 100, capMs = 5_000, retryAfterMs } = options;
  const fullMs = Math.min(capMs, baseMs * 2 ** attempt);
  const jitteredMs = fullMs / 2 + (fullMs / 2) * random;
  return Math.max(Math.round(jitteredMs), retryAfterMs ?? 0);
}
