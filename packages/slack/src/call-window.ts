import type { Clock } from "@core/registry";

export interface CallWindowOptions {
  readonly clock: Clock;
  /** At most so many calls within any span of `perMs`. */
  readonly calls: number;
  /** Default one minute. */
  readonly perMs?: number;
}

/** Counts the calls of one method in one workspace over a span that slides. */
export interface CallWindow {
  /** How many calls may be made now. */
  room(): number;
  /** Counts a call. */
  spend(): void;
  /** Slack has asked to wait. */
  hold(waitMs: number): void;
  /** When there is room for one call, in milliseconds from now. */
  freeInMs(): number;
}

export function createCallWindow({ clock, calls, perMs = 60_000 }: CallWindowOptions): CallWindow {
  let made: number[] = [];
  let heldUntil = 0;
  return {
    room() {
      const now = clock.now();
      made = made.filter((at) => at > now - perMs);
      return now < heldUntil ? 0 : calls - made.length;
    },
    spend: () => void made.push(clock.now()),
    hold(waitMs) {
      heldUntil = Math.max(heldUntil, clock.now() + waitMs);
    },
    freeInMs() {
      const blocking = made.at(-calls);
      const free = blocking === undefined ? 0 : blocking + perMs;
      return Math.max(free, heldUntil) - clock.now();
    },
  };
}
