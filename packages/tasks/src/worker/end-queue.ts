import type { Clock, Logger } from "@core/registry";
import { isCollision, isRefusal } from "../store/database-fault.ts";
import type { ClaimedTask } from "../task/claimed-task.ts";
import type { EndedTask } from "../task/exchange.ts";
import type { Settled, TaskEnd } from "../task/task-end.ts";

/** Ends of runs on their way into the database. */
export interface EndQueue {
  /** Those that can be sent now. */
  readonly size: number;
  push(end: PendingEnd): void;
  /** What goes with the next exchange. */
  take(): readonly PendingEnd[];
  /** The database has taken them. */
  stored(ends: readonly PendingEnd[], settled: ReadonlyMap<string, Settled>): void;
  /** The database has not: they come again, unless that is hopeless. */
  failed(ends: readonly PendingEnd[], error: unknown): void;
}

interface PendingEnd extends EndedTask {
  readonly claimed: ClaimedTask;
  /** What is stored in its place if the database will never take it. */
  readonly instead?: (error: unknown) => TaskEnd;
}

export interface EndQueueOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** Tries are over when this says so: the lease is lost, or the worker has ended. */
  readonly hopeless: () => boolean;
  readonly onSettled: (claimed: ClaimedTask, settled: Settled) => void;
  /** Something can be sent. */
  readonly onReady: () => void;
}

const BATCH = 500;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** After so long, a lane that somebody had locked is tried again. */
const LOCKED_MS = 10;

/**
 * Keeps ends until the database has them, so that an outage shorter than the lease costs no result. One that it will
 * never take is found by sending each alone, and is stored as a refused result.
 */
export function createEndQueue(options: EndQueueOptions): EndQueue {
  const { clock, logger, random, hopeless, onSettled, onReady } = options;
  let queue: PendingEnd[] = [];
  /** Sent one by one, since one of them was refused. */
  let suspects: PendingEnd[] = [];
  let waitMs = FIRST_WAIT_MS;
  let isWaiting = false;

  return {
    get size() {
      return isWaiting ? 0 : queue.length + suspects.length;
    },
    push(end) {
      queue.push(end);
      onReady();
    },
    take() {
      if (isWaiting) return [];
      return suspects.length > 0 ? suspects.splice(0, 1) : queue.splice(0, BATCH);
    },
    stored(ends, settled) {
      waitMs = FIRST_WAIT_MS;
      const locked: PendingEnd[] = [];
      for (const end of ends) {
        const how = settled.get(end.claimed.task.id);
        if (how === undefined) locked.push(end);
        else onSettled(end.claimed, how);
      }
      if (locked.length > 0) tryLater(locked);
    },
    failed(ends, error) {
      if (ends.length === 0) return;
      if (isRefusal(error)) return refuse(ends, error);
      if (!isCollision(error)) logger.warn({ err: error }, "Ends of runs could not be stored yet.");
      if (hopeless()) return drop([...ends, ...suspects.splice(0), ...queue.splice(0)]);
      suspects = ends.length === 1 ? [...ends, ...suspects] : suspects;
      queue = ends.length === 1 ? queue : [...ends, ...queue];
      pause();
    },
  };

  function refuse(ends: readonly PendingEnd[], error: unknown): void {
    const [only] = ends;
    if (ends.length > 1) suspects.push(...ends);
    else if (only?.instead !== undefined) {
      const { claimed, lane, instead } = only;
      suspects.push({ claimed, lane, end: instead(error) });
    } else if (only !== undefined) {
      logger.error({ err: error }, "The end of the run could not be stored in any form.");
      drop([only]);
    }
    onReady();
  }

  function drop(ends: readonly PendingEnd[]): void {
    for (const { claimed } of ends) onSettled(claimed, null);
  }

  function tryLater(locked: readonly PendingEnd[]): void {
    clock.after(LOCKED_MS, () => {
      if (hopeless()) return drop(locked);
      queue.push(...locked);
      onReady();
    });
  }

  function pause(): void {
    isWaiting = true;
    const delayMs = waitMs * (0.5 + random() / 2);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    clock.after(delayMs, () => {
      isWaiting = false;
      if (hopeless()) drop([...suspects.splice(0), ...queue.splice(0)]);
      else onReady();
    });
  }
}
