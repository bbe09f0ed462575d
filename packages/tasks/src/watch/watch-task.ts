import type { Clock, Logger } from "@core/registry";
import { taskNotFound } from "../errors.ts";
import type { TaskState, TaskWithDeliveries } from "../task/task.ts";
import { createWakeSignal } from "../worker/wake-signal.ts";
import type { EventFeed } from "./event-feed.ts";
import type { FeedEvent, TaskFact } from "./task-event.ts";
import { createTaskFollower } from "./task-follower.ts";
import type { TaskStand } from "./task-stand.ts";

/** A task as it was when the watching began, then what happened to it. */
export type WatchEvent = { readonly type: "snapshot"; readonly task: TaskWithDeliveries } | TaskFact;

export interface WatchOptions {
  /** Ends the watching: it throws the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface WatchDeps {
  readonly feed: Pick<EventFeed, "subscribe">;
  /** The task and its stand, of one moment. */
  readonly read: (
    id: string,
  ) => Promise<{ readonly task: TaskWithDeliveries; readonly stand: TaskStand } | null>;
  /** Its stand alone. */
  readonly readStand: (id: string) => Promise<TaskStand | null>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** However little is heard, the row is read again after this time. */
const LOOK_AGAIN_MS = 2_000;

/**
 * Tells what happens to a task until it has ended. Events are the fast way; whatever of them is missing is found in the
 * row, so that no lost notification or connection makes it wait for ever.
 * @throws TasksError TASK_NOT_FOUND
 */
export async function* watchTask(
  deps: WatchDeps,
  id: string,
  { signal }: WatchOptions = {},
): AsyncGenerator<WatchEvent, void, undefined> {
  const { feed, clock } = deps;
  const wake = createWakeSignal(clock);
  let heard: FeedEvent[] = [];
  const unsubscribe = feed.subscribe((event) => {
    if (event.type !== "gap" && event.task_id !== id) return;
    heard.push(event);
    wake.wake();
  });
  signal?.addEventListener("abort", wake.wake);
  try {
    signal?.throwIfAborted();
    const first = await deps.read(id);
    if (first === null) throw taskNotFound(id);
    const follower = createTaskFollower(first.stand, clock);
    yield { type: "snapshot", task: first.task };
    let lookAt = clock.now() + LOOK_AGAIN_MS;
    while (!isEnded(follower.stand.state)) {
      await wake.sleep(Math.max(0, lookAt - clock.now()));
      signal?.throwIfAborted();
      const news = heard;
      heard = [];
      yield* follower.follow(news);
      if (!follower.mustLook && clock.now() < lookAt) continue;
      lookAt = clock.now() + LOOK_AGAIN_MS;
      yield* follower.look(await readAgain(deps, id, follower.stand));
    }
  } finally {
    unsubscribe();
    signal?.removeEventListener("abort", wake.wake);
  }
}

export function isEnded(state: TaskState): boolean {
  return state === "complete" || state === "failed" || state === "cancelled";
}

/** A database that does not answer is asked again later. */
async function readAgain({ readStand, logger }: WatchDeps, id: string, last: TaskStand): Promise<TaskStand> {
  const stand = await readStand(id).catch((error: unknown) => {
    logger.warn({ err: error, task_id: id }, "A watched task could not be read; it is tried again.");
    return last;
  });
  if (stand === null) throw taskNotFound(id);
  return stand;
}
