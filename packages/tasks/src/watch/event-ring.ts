import { randomBytes } from "node:crypto";
import type { Clock, Logger } from "@core/registry";
import type { Fact, FeedEvent, GapEvent } from "./task-event.ts";

/** The newest events of this process, and those who are told of them. */
export interface EventRing {
  /** Somebody listens, or did a moment ago and may come back. */
  readonly isOpen: boolean;
  /** The id of the newest event, or of the moment at which somebody began to listen. */
  readonly position: string;
  add(event: Fact | Omit<GapEvent, "id">): void;
  /** Calls back with every event from now on, until the returned function is called. */
  subscribe(listener: FeedListener): () => void;
  /** The events after the one with this id, oldest first; null: it is unknown here or too long ago. */
  since(lastId: string): readonly FeedEvent[] | null;
}

type FeedListener = (event: FeedEvent) => void;

export interface EventRingOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Events that are kept. Default 1,000. */
  readonly capacity?: number;
}

/** For so long after the last listener has gone, events are kept for one that comes back. */
const LINGER_MS = 60_000;

export function createEventRing({ clock, logger, capacity = 1_000 }: EventRingOptions): EventRing {
  // Ids of another process, or of a former life of this one, must not fit here.
  const name = randomBytes(6).toString("hex");
  const listeners = new Set<FeedListener>();
  let events: FeedEvent[] = [];
  let last = 0;
  let leftAt = Number.NEGATIVE_INFINITY;

  return {
    get isOpen() {
      return isOpen();
    },
    get position() {
      return idOf(last);
    },
    add(event) {
      last += 1;
      const placed = { id: idOf(last), ...event };
      events.push(placed);
      if (events.length > capacity) events.shift();
      for (const listener of listeners) tell(listener, placed);
    },
    subscribe(listener) {
      if (!isOpen()) beginAnew();
      const own: FeedListener = (event) => listener(event);
      listeners.add(own);
      return () => {
        if (listeners.delete(own) && listeners.size === 0) leftAt = clock.now();
      };
    },
    since(lastId) {
      const [of, place = ""] = lastId.split(".");
      const behind = last - Number(place);
      const isKnown = of === name && /^\d+$/.test(place) && behind >= 0 && behind <= events.length;
      return isKnown && isOpen() ? events.slice(events.length - behind) : null;
    },
  };

  function isOpen(): boolean {
    return listeners.size > 0 || clock.now() - leftAt < LINGER_MS;
  }

  /** What happened while nobody listened is not here, so no earlier place is known. */
  function beginAnew(): void {
    events = [];
    last += 1;
  }

  function idOf(place: number): string {
    return `${name}.${place}`;
  }

  function tell(listener: FeedListener, event: FeedEvent): void {
    try {
      listener(event);
    } catch (error) {
      logger.error({ err: error, event: event.type }, "A listener of the feed threw; the others go on.");
    }
  }
}
