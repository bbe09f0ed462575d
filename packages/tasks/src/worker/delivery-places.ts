import type { Clock } from "@core/registry";

/** The places of a worker's delivery attempts, of which one target gets a share at most. */
export interface DeliveryPlaces {
  /** Attempts under way. */
  readonly running: number;
  /** Claimed, and waiting for a place. */
  readonly waiting: number;
  /** Those of them whose target is not stuck. */
  readonly next: number;
  /** Resolves when the attempt may be made, or with how long it must not be: then it goes back. */
  enter(target: string, signal: AbortSignal): Promise<Entry>;
  /** The attempt is over; what came of it has to be stored. */
  leave(target: string): void;
  /** It is stored. */
  stored(): void;
  /** Nobody here calls the target for so long, unless the returned function is called before. */
  hold(target: string, ms: number): () => void;
  /** How many more may be claimed of targets that have some in hand, if each may have `most` in hand; 0 of those on hold. */
  rooms(most: number): Readonly<Record<string, number>>;
  /** Targets that have their share of the places, none of which has moved for a while. */
  stuck(): readonly string[];
  /** From now on whoever waits or comes is sent back. */
  close(): void;
}

export type Entry = { readonly may: true } | { readonly may: false; readonly backInMs: number };

export interface DeliveryPlacesOptions {
  readonly places: number;
  /** Of one target. */
  readonly share: number;
  readonly clock: Clock;
}

interface Waiting {
  readonly target: string;
  readonly resolve: (entry: Entry) => void;
}

/** What a target has under way. */
interface Running {
  readonly count: number;
  /** When one of its attempts has last begun or ended. */
  readonly movedAt: number;
}

const GO: Entry = { may: true };
/** So long no attempt of a target with all its places taken has ended. */
const STUCK_MS = 200;

/**
 * Attempts that were made, and those of them that are not stored yet, are at most so many times the places: what may
 * come twice after a crash.
 */
const IN_FLIGHT = 4;

export function createDeliveryPlaces({ places, share, clock }: DeliveryPlacesOptions): DeliveryPlaces {
  const runningOf = new Map<string, Running>();
  const holds = new Set<{ readonly target: string; readonly until: number }>();
  const waiting: Waiting[] = [];
  let running = 0;
  let storing = 0;
  let isClosed = false;

  return {
    get running() {
      return running;
    },
    get waiting() {
      return waiting.length;
    },
    get next() {
      const targets = stuck();
      return targets.length === 0
        ? waiting.length
        : waiting.filter(({ target }) => !targets.includes(target)).length;
    },
    enter: (target, signal) =>
      new Promise((resolve) => {
        const one = { target, resolve };
        waiting.push(one);
        signal.addEventListener("abort", () => sendBack(one, 0), { once: true });
        if (signal.aborted) return sendBack(one, 0);
        sendBackIfHeld(one);
        letIn();
      }),
    leave(target) {
      running -= 1;
      storing += 1;
      move(target, -1);
      letIn();
    },
    stored() {
      storing -= 1;
      letIn();
    },
    hold(target, ms) {
      const one = { target, until: clock.now() + ms };
      holds.add(one);
      for (const each of waiting.slice()) sendBackIfHeld(each);
      return () => holds.delete(one);
    },
    rooms(most) {
      const rooms: Record<string, number> = {};
      for (const [target, { count }] of runningOf) rooms[target] = Math.max(most - count, 0);
      for (const { target } of waiting) rooms[target] = Math.max((rooms[target] ?? most) - 1, 0);
      for (const { target } of holds) rooms[target] = 0;
      return rooms;
    },
    stuck,
    close() {
      isClosed = true;
      for (const each of waiting.slice()) sendBackIfHeld(each);
    },
  };

  function stuck(): readonly string[] {
    const since = clock.now() - STUCK_MS;
    const isStuck = ({ count, movedAt }: Running): boolean => count >= share && movedAt <= since;
    return [...runningOf].filter(([, ofIt]) => isStuck(ofIt)).map(([target]) => target);
  }

  /** In the order of their coming, but for those whose target has no room. */
  function letIn(): void {
    let at = 0;
    while (at < waiting.length && !isFull()) {
      const one = waiting[at] as Waiting;
      if (countOf(one.target) >= share) {
        at += 1;
        continue;
      }
      waiting.splice(at, 1);
      running += 1;
      move(one.target, 1);
      one.resolve(GO);
    }
  }

  function move(target: string, by: number): void {
    const count = countOf(target) + by;
    if (count > 0) runningOf.set(target, { count, movedAt: clock.now() });
    else runningOf.delete(target);
  }

  function countOf(target: string): number {
    return runningOf.get(target)?.count ?? 0;
  }

  function isFull(): boolean {
    return running >= places || running + storing >= places * IN_FLIGHT;
  }

  function sendBackIfHeld(one: Waiting): void {
    const backInMs = holdMs(one.target);
    if (isClosed || backInMs > 0) sendBack(one, backInMs);
  }

  function sendBack(one: Waiting, backInMs: number): void {
    const at = waiting.indexOf(one);
    if (at === -1) return;
    waiting.splice(at, 1);
    one.resolve({ may: false, backInMs });
  }

  function holdMs(target: string): number {
    if (holds.size === 0) return 0;
    const ofIt = [...holds].filter((one) => one.target === target);
    return Math.max(...ofIt.map(({ until }) => until - clock.now()), 0);
  }
}
