import type { Clock } from "@core/registry";
import { TasksError } from "../errors.ts";
import { isCollision, isRefusal } from "../store/database-fault.ts";
import { createBatcher } from "../store/batcher.ts";
import { kyselyRunner } from "../store/sql-runner.ts";
import type { Store } from "../store/store.ts";
import type { Announcer } from "../worker/announcer.ts";
import type { TaskReporter } from "../watch/task-reporter.ts";
import type { LocalWorkers } from "../worker/local-workers.ts";
import type { EnqueueReceipt } from "./task.ts";
import type { NewTask } from "./task-row.ts";
import { isKeyed } from "./task-row.ts";
import { BATCH, receiptsOf, storeBatches } from "./task-storage.ts";

export interface EnqueueDeps {
  readonly store: Store;
  readonly announcer: Announcer;
  readonly workers: LocalWorkers;
  readonly reporter: Pick<TaskReporter, "made">;
}

/**
 * Stores single tasks, those that come at the same time together. On a server, one that may have to wait for somebody
 * else's transaction, for its lane or its key, goes alone, so that nobody waits with it.
 */
export function createEnqueuer(deps: EnqueueDeps, clock: Clock): (task: NewTask) => Promise<EnqueueReceipt> {
  const batcher = createBatcher<NewTask, EnqueueReceipt>({
    flush: (tasks) => storeTogether(deps, tasks),
    maxItems: 500,
    // More at once would only make smaller batches.
    maxInFlight: 1,
    patienceMs: 50,
    clock,
    isItemFault: (error) => isRefusal(error) || error instanceof TasksError,
  });
  const mayWait = deps.store.database.engine === "postgres";

  return async (task) => {
    if (!mayWait || (task.lane === null && !isKeyed(task))) return batcher.add(task);
    const [receipt] = await storeTogether(deps, [task]);
    return receipt as EnqueueReceipt;
  };
}

/** Stores all or none of some checked tasks, and tells workers of them. */
export async function storeTogether(
  deps: EnqueueDeps,
  tasks: readonly NewTask[],
): Promise<readonly EnqueueReceipt[]> {
  if (tasks.length === 0) return [];
  const carried = tasks.some(mustWait) ? null : deps.workers.carry(tasks);
  if (carried === null) return storeAndTell(deps, tasks);
  const { stored, isSomeLeft } = await carried;
  const receipts = await receiptsOf(deps.store, deps.store.run, tasks, stored);
  if (!isSomeLeft) return receipts;
  deps.announcer.announce();
  deps.workers.nudgeFor(receipts);
  return receipts;
}

async function storeAndTell(
  { store, announcer, workers, reporter }: EnqueueDeps,
  tasks: readonly NewTask[],
): Promise<readonly EnqueueReceipt[]> {
  const isOneStatement = tasks.length <= BATCH && !tasks.some(isKeyed);
  const news = isOneStatement ? announcer.takeTurn() : null;
  const receipts = await again(() =>
    isOneStatement
      ? storeBatches(store, store.run, tasks, news)
      : store.transaction((trx) => storeBatches(store, kyselyRunner(trx), tasks)),
  );
  reporter.made(receipts);
  if (news === null) announcer.announce();
  workers.nudgeFor(receipts);
  return receipts;
}

/** For its key, its lane, its parent or its time. */
function mustWait(task: NewTask): boolean {
  const { parent_task_id: parent, scheduled_at, delay_ms } = task.input;
  return isKeyed(task) || (task.lane ?? parent ?? scheduled_at ?? delay_ms) !== undefined;
}

/** Does again what collided with others and was undone. */
async function again<Result>(work: () => Promise<Result>, tries = 3): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (tries > 1 && isCollision(error)) return again(work, tries - 1);
    throw error;
  }
}
