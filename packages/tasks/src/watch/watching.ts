import type { Clock, JsonValue, Logger } from "@core/registry";
import type { Store, TasksDb } from "../store/store.ts";
import { isUuid } from "../store/uuid.ts";
import type { TaskWithDeliveries } from "../task/task.ts";
import type { EventFeed } from "./event-feed.ts";
import type { ResultOptions } from "./task-result.ts";
import { taskResult } from "./task-result.ts";
import { readStands } from "./task-stand.ts";
import type { WatchDeps, WatchEvent, WatchOptions } from "./watch-task.ts";
import { watchTask } from "./watch-task.ts";

/** Following single tasks, wherever they run. */
export interface Watching {
  /**
   * The task as it is now (`snapshot`), then what happens to it, until it has ended. Lost notifications and processes
   * do not hold it up: what it has not heard of it reads, at the latest after two seconds.
   * @throws TasksError TASK_NOT_FOUND; the reason of an aborted signal
   */
  watch(id: string, options?: WatchOptions): AsyncIterable<WatchEvent>;
  /**
   * Waits for a task's result.
   * @throws TasksError TASK_FAILED, TASK_CANCELLED, TASK_NOT_FOUND, RESULT_TIMED_OUT; the reason of an aborted signal
   */
  result(id: string, options?: ResultOptions): Promise<JsonValue>;
}

export interface WatchingOptions {
  readonly feed: Pick<EventFeed, "subscribe">;
  readonly store: Store;
  readonly readWhole: (db: TasksDb, id: string) => Promise<TaskWithDeliveries | null>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createWatching({ feed, store, readWhole, clock, logger }: WatchingOptions): Watching {
  const deps: WatchDeps = {
    feed,
    clock,
    logger,
    async read(id) {
      if (!isUuid(id)) return null;
      return store.snapshot(async (trx) => {
        const task = await readWhole(trx, id);
        const [stand] = await readStands(store, trx, [id]);
        return task && stand ? { task, stand } : null;
      });
    },
    readStand: async (id) => (await readStands(store, store.db, [id]))[0] ?? null,
  };

  return {
    // Ids of the wire may be in capitals; those of events are not.
    watch: (id, options) => watchTask(deps, id.toLowerCase(), options),
    result: (id, options) => taskResult(deps, id.toLowerCase(), options),
  };
}
