import type { Clock } from "@core/registry";

/** Where attempts wait for their turn, so that only so many run at once. */
export interface AttemptPlaces {
  /**
   * Waits for a place, first come, first served, and gives back how to leave it. Rejects with the signal's reason.
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

export function createAttemptPlaces(options: AttemptPlacesOptions): AttemptPlaces {
  const { total, perOrigin, slowAfterMs, clock } = options;
  const prompt = createBound(total);
  const origins = new Map<string, Bound>();

  function leaveOrigin(origin: string, bound: Bound): void {
    bound.leave();
    if (bound.isEmpty()) origins.delete(origin);
  }

  return {
    async take(origin, signal) {
      signal.throwIfAborted();
      const own = origins.get(origin) ?? createBound(perOrigin);
      origins.set(origin, own);
      await own.enter(signal);
      try {
        await prompt.enter(signal);
      } catch (error) {
        leaveOrigin(origin, own);
        throw error;
      }
      const stepAside = once(prompt.leave);
      const stopWatching = clock.after(slowAfterMs, stepAside);
      return once(() => {
        stopWatching();
        stepAside();
        leaveOrigin(origin, own);
      });
    },
  };
}

interface Bound {
  enter(signal: AbortSignal): Promise<void>;
  /** Lets the next one in. */
  leave(): void;
  /** Then nobody waits either. */
  isEmpty(): boolean;
}

function createBound(limit: number): Bound {
  const waiting = new Set<() => void>();
  let inside = 0;

  return {
    isEmpty: () => inside === 0,
    async enter(signal) {
      signal.throwIfAborted();
      if (inside >= limit) return waitIn(waiting, signal);
      inside += 1;
    },
    leave() {
      const [next] = waiting;
      if (next === undefined) inside -= 1;
      else next();
    },
  };
}

/** Resolves when it is called on; its place is handed over, so that nobody gets in between. */
function waitIn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      waiting.delete(admit);
      signal.removeEventListener("abort", giveUp);
    };
    const admit = (): void => {
      stop();
      resolve();
    };
    const giveUp = (): void => {
      stop();
      reject(signal.reason as Error);
    };
    waiting.add(admit);
    signal.addEventListener("abort", giveUp);
  });
}

function once(call: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    call();
  };
}
