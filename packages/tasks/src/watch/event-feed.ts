import { createEventChannel } from "./event-channel.ts";
import type { EventChannelOptions } from "./event-channel.ts";
import { createEventOrder } from "./event-order.ts";
import type { EventRing, EventRingOptions } from "./event-ring.ts";
import { createEventRing } from "./event-ring.ts";
import type { SqlRunner } from "../store/sql-runner.ts";
import type { Fact } from "./task-event.ts";

/** The events of all tasks and deliveries, of whatever process, as far as they are told. */
export interface TaskEvents extends Pick<EventRing, "position" | "subscribe" | "since"> {
  /**
   * Resolves when the other processes have been told that somebody here listens; never rejects. Subscribe, wait for
   * this, then read what you show: nothing is missed in between.
   */
  ready(): Promise<void>;
}

/** The feed from the inside. */
export interface EventFeed extends TaskEvents {
  /** False: nobody, here or elsewhere, wants to hear of anything. */
  isWanted(): boolean;
  /**
   * Tells everybody, this process too, what a transaction does, if and when it commits. Rejects as the transaction's
   * statements do.
   */
  tellWithin(run: SqlRunner, facts: () => readonly Fact[]): Promise<void>;
  /** Tells what has happened in this process; `facts` is called only if somebody may want to hear of it. */
  tell(facts: () => readonly Fact[]): void;
}

export type EventFeedOptions = Pick<EventChannelOptions, "database" | "schema"> & EventRingOptions;

export function createEventFeed(options: EventFeedOptions): EventFeed {
  const { clock } = options;
  const ring = createEventRing(options);
  const order = createEventOrder();
  const channel = createEventChannel({
    ...options,
    isListening: () => ring.isOpen,
    onFacts: keep,
    onGap: () => {
      if (ring.isOpen) ring.add({ type: "gap", at: new Date(clock.now()) });
    },
  });
  let opening: Promise<void> = Promise.resolve();

  return {
    get position() {
      return ring.position;
    },
    since: ring.since,
    subscribe(listener) {
      const wasOpen = ring.isOpen;
      const undo = ring.subscribe(listener);
      if (!wasOpen) opening = channel.listen();
      return undo;
    },
    ready: () => opening,
    isWanted: () => ring.isOpen || channel.isWanted(),
    tellWithin,
    tell(facts) {
      const isWantedElsewhere = channel.isWanted();
      if (!isWantedElsewhere && !ring.isOpen) return;
      const told = facts();
      if (told.length === 0) return;
      keep(told);
      if (isWantedElsewhere) channel.send(told);
    },
  };

  async function tellWithin(run: SqlRunner, facts: () => readonly Fact[]): Promise<void> {
    // Its own news come back to this process through the channel too.
    if (ring.isOpen || channel.isWanted()) await channel.sendWithin(run, facts());
  }

  function keep(facts: readonly Fact[]): void {
    if (!ring.isOpen) return;
    for (const fact of facts) if (order.accepts(fact)) ring.add(fact);
  }
}
