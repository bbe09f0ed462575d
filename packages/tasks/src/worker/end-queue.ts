import type { Clock, Logger } from "@core/registry";
import { isCollision, isRefusal } from "../store/database-fault.ts";
import type { ClaimedEnd } from "../task/exchange.ts";
import type { Settled, SettledListener } from "../task/task-end.ts";

/** Ends of runs on their way into the database. */
export interface EndQueue {
  /** Those that can be sent now. */
  readonly size: number;
  push(end: PendingEnd): void;
  /** What goes with the next exchange. */
  take(): EndBatch;
  /** The database has taken them. */
  stored(batch: EndBatch, settled: ReadonlyMap<string, Settled>): void;
  /** The database has not: they come again, unless that is hopeless. */
  failed(batch: EndBatch, error: unknown): void;
}

interface EndBatch {
  readonly ends: readonly PendingEnd[];
  /** Its lane was locked whenever it was tried: this time it waits for it. */
  readonly isPatient: boolean;
}

export interface PendingEnd extends ClaimedEnd {
  /** Pushes another end in its place if the database will never take it. */
  readonly replace?: (error: unknown) => void;
  /** How often its lane was locked. */
  readonly refusals?: number;
}

/** The next of its lane, another one of its limit, its parent, or the tasks that it brings, can be claimed once it is stored. */
export function mayFreeOthers({ end, lane, parent, claimed }: PendingEnd): boolean {
  return lane !== null || parent !== null || end.tasks !== undefined || claimed.isLimited;
}

export interface EndQueueOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** Tries are over when this says so: the lease is lost, or the worker has ended. */
  readonly hopeless: () => boolean;
  readonly onSettled: SettledListener;
  /** Something can be sent. */
  readonly onReady: () => void;
}

const BATCH = 500;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** After so long, doubled each time, a lane that somebody had locked is tried again. */
const LOCKED_MS = 10;
const LONGEST_LOCKED_MS = 250;
/** After so many tries without waiting, one waits for the lane: callers without a pause would never leave it free. */
const TRIES = 6;

/**
 * Keeps ends until the database has them, so that an outage shorter than the lease costs no result. One that it will
 * never take is found by sending each alone, and is stored as a refused result.
 */
export function createEndQueue(options: EndQueueOptions): EndQueue {
  const { clock, logger, random, hopeless, onSettled, onReady } = options;
  let queue: PendingEnd[] = [];
  /** Sent one by one, since one of them was refused. */
  let suspects: PendingEnd[] = [];
  /** Sent one by one, and one at a time, since they wait for their lanes. */
  const patient: PendingEnd[] = [];
  let isOneWaiting = false;
  let waitMs = FIRST_WAIT_MS;
  let isPaused = false;

  return {
    get size() {
      return isPaused ? 0 : queue.length + suspects.length + (isOneWaiting ? 0 : patient.length);
    },
    push(end) {
      queue.push(end);
      onReady();
    },
    take() {
      if (isPaused) return { ends: [], isPatient: false };
      if (suspects.length > 0) return { ends: suspects.splice(0, 1), isPatient: false };
      if (isOneWaiting || patient.length === 0) return { ends: queue.splice(0, BATCH), isPatient: false };
      isOneWaiting = true;
      return { ends: patient.splice(0, 1), isPatient: true };
    },
    stored({ ends, isPatient }, settled) {
      if (isPatient) isOneWaiting = false;
      waitMs = FIRST_WAIT_MS;
      for (const end of ends) {
        const how = settled.get(end.claimed.task.id);
        if (how === undefined) tryLater(end);
        else onSettled(end.claimed, how, end.end);
      }
    },
    failed({ ends, isPatient }, error) {
      if (isPatient) isOneWaiting = false;
      if (ends.length === 0) return;
      if (isRefusal(error)) return refuse(ends, error);
      if (!isCollision(error)) logger.warn({ err: error }, "Ends of runs could not be stored yet.");
      if (hopeless()) return drop([...ends, ...takeAll()]);
      suspects = ends.length === 1 ? [...ends, ...suspects] : suspects;
      queue = ends.length === 1 ? queue : [...ends, ...queue];
      pause();
    },
  };

  function refuse(ends: readonly PendingEnd[], error: unknown): void {
    const [only] = ends;
    if (ends.length > 1) suspects.push(...ends);
    else if (only?.replace !== undefined) only.replace(error);
    else if (only !== undefined) {
      logger.error({ err: error }, "The end of the run could not be stored in any form.");
      drop([only]);
    }
    onReady();
  }

  function tryLater(end: PendingEnd): void {
    const refusals = (end.refusals ?? 0) + 1;
    clock.after(Math.min(LOCKED_MS * 2 ** (refusals - 1), LONGEST_LOCKED_MS), () => {
      if (hopeless()) return drop([end]);
      (refusals < TRIES ? queue : patient).push({ ...end, refusals });
      onReady();
    });
  }

  function pause(): void {
    isPaused = true;
    const delayMs = waitMs * (0.5 + random() / 2);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    clock.after(delayMs, () => {
      isPaused = false;
      if (hopeless()) drop(takeAll());
      else onReady();
    });
  }

  function takeAll(): readonly PendingEnd[] {
    return [suspects, queue, patient].flatMap((ends) => ends.splice(0));
  }

  function drop(ends: readonly PendingEnd[]): void {
    for (const { claimed, end } of ends) onSettled(claimed, null, end);
  }
}
