import type { Clock } from "@core/registry";
import type { Audience } from "./audience.ts";
import { MOST_FACTS, rowsThatFit } from "./event-packing.ts";
import type { Fact } from "./task-event.ts";

/** What is on its way to other processes. */
export interface EventOutbox {
  add(facts: readonly Fact[]): void;
  /** Somebody wants to hear of it. */
  answered(): void;
}

export interface EventOutboxOptions {
  readonly clock: Clock;
  readonly audience: Audience;
  /** Sends facts that are JSON; with a gap, something is missing before them. Rejects when they did not go. */
  readonly send: (rows: readonly string[], gap: boolean) => Promise<void>;
}

/** Notifying commits wait for each other in the whole database, so there is at most one in this time. */
const QUIET_MS = 50;

/** Gathers facts while a notification is under way or was just sent, and keeps them while nobody has answered yet. */
export function createEventOutbox({ clock, audience, send }: EventOutboxOptions): EventOutbox {
  let waiting: Fact[] = [];
  let hasGap = false;
  let isBusy = false;
  let quietUntil = 0;

  return {
    add(facts) {
      waiting = waiting.length + facts.length > MOST_FACTS ? lose() : [...waiting, ...facts];
      plan();
    },
    answered() {
      // What nobody wanted to hear is too old for one who comes later.
      if (audience.state() === "absent") drop();
      audience.heard();
      plan();
    },
  };

  function plan(): void {
    if (isBusy || (waiting.length === 0 && !hasGap)) return;
    isBusy = true;
    clock.after(Math.max(0, quietUntil - clock.now()), () => void flush());
  }

  async function flush(): Promise<void> {
    const state = audience.state();
    if (state === "absent") drop();
    const hasSent = state === "present" && (await sendNext());
    isBusy = false;
    // A database that does not answer is tried again when there is more to tell.
    if (hasSent) plan();
  }

  async function sendNext(): Promise<boolean> {
    const rows = takeRows();
    const gap = hasGap;
    hasGap = false;
    quietUntil = clock.now() + QUIET_MS;
    try {
      await send(rows, gap);
      return true;
    } catch {
      hasGap = true;
      return false;
    }
  }

  function takeRows(): readonly string[] {
    const rows = rowsThatFit(waiting);
    // One that fits nowhere is not told.
    if (rows.length === 0 && waiting.length > 0) waiting = lose();
    else waiting = waiting.slice(rows.length);
    return rows;
  }

  function lose(): Fact[] {
    hasGap = true;
    return [];
  }

  function drop(): void {
    waiting = [];
    hasGap = false;
  }
}
