import type { Clock } from "@core/registry";
import type { CallPlace, KeyedLimit } from "./call-limits.ts";
import { holdKey, limitsOf } from "./call-limits.ts";
import { NotCalled } from "./not-called.ts";

interface CallWait {
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** A call that would have to wait longer is refused at once. 0: it goes now or never. */
  readonly longestWaitMs: number;
}

/** Keeps an app below Slack's limits. One method's limit never holds another method's calls. */
export interface CallBudget {
  /**
   * Resolves when the call may be made, and counts it.
   * @throws NotCalled when it would have to wait too long, or the signal ends the wait
   */
  admit(place: CallPlace, wait: CallWait): Promise<void>;
  /** Slack has asked to wait: nothing more goes there until then. */
  hold(place: CallPlace, waitMs: number): void;
  /**
   * How long until so many calls may be made at once, in milliseconds; 0: now. Counts none. Of more than Slack ever
   * takes at once it says when to ask again.
   */
  freeInMs(place: CallPlace, calls?: number): number;
}

/** Counts in spans that slide: a bucket that is full lets more through in a minute than a tier allows. */
export function createCallBudget(clock: Clock): CallBudget {
  const calls = new Map<string, number[]>();
  const holds = new Map<string, number>();

  return {
    async admit(place, { signal, longestWaitMs }) {
      const latest = clock.now() + longestWaitMs;
      for (;;) {
        if (signal.aborted) throw NotCalled.ended();
        const waitMs = freeInMs(place);
        if (waitMs === 0) break;
        if (clock.now() + waitMs > latest) throw NotCalled.tooEarly(waitMs);
        await until(waitMs, signal, clock);
      }
      count(place);
    },
    hold(place, waitMs) {
      const key = holdKey(place);
      const end = clock.now() + Math.max(waitMs, SHORTEST_HOLD_MS);
      holds.set(key, Math.max(holds.get(key) ?? 0, end));
    },
    freeInMs,
  };

  function freeInMs(place: CallPlace, wanted = 1): number {
    const now = clock.now();
    const free = limitsOf(place).map((limit) => freeAt(limit, wanted, now));
    return Math.max(0, Math.max(holds.get(holdKey(place)) ?? 0, ...free) - now);
  }

  function freeAt({ key, calls: most, perMs }: KeyedLimit, wanted: number, now: number): number {
    if (wanted > most) return now + perMs;
    const blocking = calls.get(key)?.at(wanted - 1 - most);
    return blocking === undefined ? 0 : blocking + perMs + MARGIN_MS;
  }

  function count(place: CallPlace): void {
    const now = clock.now();
    if (calls.size + holds.size >= MOST_KEYS) forget(now);
    for (const { key, calls: most } of limitsOf(place)) {
      calls.set(key, [...(calls.get(key) ?? []), now].slice(-most));
    }
  }

  /** What is older than the longest span limits nothing any more. */
  function forget(now: number): void {
    for (const [key, times] of calls) if ((times.at(-1) ?? 0) < now - LONGEST_SPAN_MS) calls.delete(key);
    for (const [key, end] of holds) if (end < now) holds.delete(key);
  }
}

/** Two calls may come to Slack closer together than they were sent. */
const MARGIN_MS = 250;

/** Slack asks for whole seconds, or does not say. */
const SHORTEST_HOLD_MS = 1_000;

const LONGEST_SPAN_MS = 60_000 + MARGIN_MS;

const MOST_KEYS = 1_000;

async function until(waitMs: number, signal: AbortSignal, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  const cancel = clock.after(waitMs, end);
  signal.addEventListener("abort", end, { once: true });
  await promise;
  cancel();
  signal.removeEventListener("abort", end);
}
