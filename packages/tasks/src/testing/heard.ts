import { vi } from "vitest";
import type { Tasks } from "../tasks.ts";
import type { FeedEvent } from "../watch/task-event.ts";

/** What a listener has heard. */
export interface Heard {
  readonly events: readonly FeedEvent[];
  /** In short, such as `task.started 1`: the type and the run. */
  readonly lines: readonly string[];
  /** Resolves when an event of this type has come. */
  until(type: FeedEvent["type"]): Promise<void>;
}

/** Listens to the feed from now on, also to other processes. */
export async function listenTo({ events: feed }: Pick<Tasks, "events">): Promise<Heard> {
  const events: FeedEvent[] = [];
  feed.subscribe((event) => events.push(event));
  await feed.ready();
  return {
    events,
    get lines() {
      return events.map((event) => ("run" in event ? `${event.type} ${event.run}` : event.type));
    },
    until: (type) =>
      vi.waitFor(
        () => {
          if (!events.some((event) => event.type === type)) throw new Error(`No ${type} has come.`);
        },
        { timeout: 10_000 },
      ),
  };
}
