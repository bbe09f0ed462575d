import type { Clock } from "@core/registry";
import { Bound } from "./bound.ts";

/** Where attempts wait for their turn, so that only so many run at once. */
export interface AttemptPlaces {
  /**
   * Waits for a place, first come, first served, and gives back how to leave it. Rejects with the reason of the signal,
   * which should not live long: it is listened to as long as it does.
   */
  take(origin: string, signal: AbortSignal): Promise<() => void>;
}

export interface AttemptPlacesOptions {
  /** Attempts at once. */
  readonly total: number;
  /** Of which so many may go to one origin. */
  readonly perOrigin: number;
  /** An attempt that has lasted for so long no longer counts in `total`, so that those who hang hold nobody up. */
  readonly slowAfterMs: number;
  readonly clock: Clock;
}

export function createAttemptPlaces({
  total,
  perOrigin,
  slowAfterMs,
  clock,
}: AttemptPlacesOptions): AttemptPlaces {
  const prompt = new Bound(total);
  const origins = new Map<string, Bound>();
  const heard = new WeakSet<AbortSignal>();
  /** Those that count in `total`, the longest first. */
  const counted = new Set<Attempt>();
  let stopWatching: (() => void) | null = null;

  return {
    async take(origin, signal) {
      signal.throwIfAborted();
      hear(signal);
      const own = origins.get(origin) ?? new Bound(perOrigin);
      origins.set(origin, own);
      if (!own.tryEnter()) await own.wait(signal);
      try {
        if (!prompt.tryEnter()) await prompt.wait(signal);
      } catch (error) {
        leaveOrigin(origin, own);
        throw error;
      }
      const attempt = { startedAt: clock.now() };
      counted.add(attempt);
      stopWatching ??= clock.after(slowAfterMs, letSlowOnesStepAside);
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        stopCounting(attempt);
        leaveOrigin(origin, own);
      };
    },
  };

  /** Once for all who wait with it. */
  function hear(signal: AbortSignal): void {
    if (heard.has(signal)) return;
    heard.add(signal);
    const sendAway = (): void => {
      for (const bound of [prompt, ...origins.values()]) bound.sendAway(signal, signal.reason);
    };
    signal.addEventListener("abort", sendAway, { once: true });
  }

  function stopCounting(attempt: Attempt): void {
    if (!counted.delete(attempt)) return;
    prompt.leave();
    if (counted.size > 0) return;
    stopWatching?.();
    stopWatching = null;
  }

  function leaveOrigin(origin: string, own: Bound): void {
    own.leave();
    if (own.isEmpty) origins.delete(origin);
  }

  /** One timer watches them all, since few attempts last so long. */
  function letSlowOnesStepAside(): void {
    stopWatching = null;
    for (const attempt of counted) {
      const remainingMs = attempt.startedAt + slowAfterMs - clock.now();
      if (remainingMs > 0) {
        stopWatching = clock.after(remainingMs, letSlowOnesStepAside);
        return;
      }
      stopCounting(attempt);
    }
  }
}

interface Attempt {
  readonly startedAt: number;
}
