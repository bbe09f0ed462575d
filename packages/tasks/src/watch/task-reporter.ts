import type { Clock, Logger } from "@core/registry";
import type { ClaimedDelivery } from "../delivery/delivery-claim.ts";
import type { DeliveryState } from "../delivery/delivery-record.ts";
import type { DeliveryReceipt } from "../delivery/delivery-sender.ts";
import type { SqlRunner } from "../store/sql-runner.ts";
import type { Store } from "../store/store.ts";
import type { ClaimedTask } from "../task/claimed-task.ts";
import type { Settled, TaskEnd } from "../task/task-end.ts";
import type { NewTask, StoredTasks } from "../task/task-row.ts";
import type { EnqueueReceipt } from "../task/task.ts";
import type { EventFeed } from "./event-feed.ts";
import type { Fact, TaskLogLine, TaskProgress } from "./task-event.ts";
import { broughtFacts, madeFacts, saidFact, settledFact, startedFact, storedFacts } from "./task-facts.ts";
import { readStands, standFact } from "./task-stand.ts";

/** Tells the feed what this process does with tasks, each where it becomes known. Costs nothing while nobody listens. */
export interface TaskReporter {
  /** By the maker, in its own statement. */
  made(receipts: readonly EnqueueReceipt[]): void;
  /** In the caller's transaction: it is told if and when that commits. */
  madeWithin(run: SqlRunner, receipts: readonly EnqueueReceipt[]): Promise<void>;
  /** By a worker, in the call that claims. */
  stored(news: readonly NewTask[], stored: StoredTasks): void;
  claimed(claimed: readonly ClaimedTask[]): void;
  said(claimed: ClaimedTask, notes: readonly (TaskProgress | TaskLogLine)[]): void;
  settled(claimed: ClaimedTask, settled: Exclude<Settled, null>, end: TaskEnd): void;
  /** Tasks that were cancelled before they began; never rejects. */
  cancelled(ids: readonly string[]): Promise<void>;
  delivery(row: ClaimedDelivery["row"], state: DeliveryState): void;
  /** Deliveries that were written for their own sake. */
  sent(receipts: readonly DeliveryReceipt[]): void;
  /** The same in the caller's transaction. */
  sentWithin(run: SqlRunner, receipts: readonly DeliveryReceipt[]): Promise<void>;
}

export interface TaskReporterOptions {
  readonly feed: Pick<EventFeed, "tell" | "tellWithin" | "isWanted">;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createTaskReporter({ feed, store, clock, logger }: TaskReporterOptions): TaskReporter {
  const now = (): Date => new Date(clock.now());

  return {
    made: (receipts) => feed.tell(() => madeFacts(receipts)),
    madeWithin: (run, receipts) => feed.tellWithin(run, () => madeFacts(receipts)),
    stored: (news, stored) => feed.tell(() => storedFacts(news, stored)),
    claimed(claimed) {
      if (claimed.length > 0) feed.tell(() => claimed.map((one) => startedFact(one, now())));
    },
    said: (claimed, notes) => feed.tell(() => notes.map((note) => saidFact(claimed, note))),
    settled: (claimed, settled, end) =>
      feed.tell(() => [settledFact(claimed, settled, end, now()), ...broughtFacts(settled, end, now())]),
    async cancelled(ids) {
      if (ids.length === 0 || !feed.isWanted()) return;
      try {
        const stands = await readStands(store, store.db, ids);
        const ended = stands.filter(({ state }) => state === "cancelled");
        feed.tell(() => ended.map((stand) => standFact(stand, now())));
      } catch (error) {
        logger.warn({ err: error, task_ids: ids }, "Nobody was told that these tasks are cancelled.");
      }
    },
    delivery: ({ id, task_id, attempt, fence }, state) =>
      feed.tell(() => [
        { type: "delivery.changed", at: now(), delivery_id: id, task_id, state, attempt, run: fence },
      ]),
    sent: (receipts) => feed.tell(() => receipts.flatMap(sentFact)),
    sentWithin: (run, receipts) => feed.tellWithin(run, () => receipts.flatMap(sentFact)),
  };
}

function sentFact({ delivery, created }: DeliveryReceipt): readonly Fact[] {
  const { id, task_id, state, created_at: at } = delivery;
  const fact = { at, delivery_id: id, task_id, state, attempt: 0, run: 0 };
  return created ? [{ type: "delivery.changed", ...fact }] : [];
}
