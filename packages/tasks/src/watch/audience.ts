import type { Clock } from "@core/registry";

/** Whether anybody in another process wants to hear of events. */
export interface Audience {
  /** `asked`: nobody has answered yet, but somebody may. Asks by itself when it is time to. */
  state(): AudienceState;
  /** Somebody has said so. */
  heard(): void;
  /** Answers may have been lost, so that everything is to be asked anew. */
  forget(): void;
}

type AudienceState = "present" | "asked" | "absent";

/** A listener is remembered for so long after it was last heard of. */
const REMEMBERED_MS = 60_000;
/** Well before it is forgotten, it is asked whether it is still there. */
const ASKED_AGAIN_MS = 20_000;
/** Whoever listens answers within this time. */
const ANSWER_MS = 1_000;

/** Without timers: a queue in which nothing happens asks for nothing, one that nobody watches asks once a minute. */
export function createAudience(clock: Clock, ask: () => void): Audience {
  let heardAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;

  return {
    state() {
      const now = clock.now();
      const isPresent = now - heardAt < REMEMBERED_MS;
      if (now - Math.max(heardAt, askedAt) >= (isPresent ? ASKED_AGAIN_MS : REMEMBERED_MS)) {
        askedAt = now;
        ask();
      }
      if (isPresent) return "present";
      return now - askedAt < ANSWER_MS ? "asked" : "absent";
    },
    heard() {
      heardAt = clock.now();
    },
    forget() {
      askedAt = Number.NEGATIVE_INFINITY;
      heardAt = Number.NEGATIVE_INFINITY;
    },
  };
}
