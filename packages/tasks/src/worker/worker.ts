import type { News } from "./announcer.ts";
import type { LocalWorker } from "./local-workers.ts";
import { createWakeSignal } from "./wake-signal.ts";
import type { WorkerExit } from "./worker-exit.ts";
import { createWorkerExit } from "./worker-exit.ts";
import { createWorkLoop } from "./work-loop.ts";
import type { WorkerOptions } from "./worker-options.ts";
import { workerSettings } from "./worker-options.ts";
import type { WorkerStats } from "./worker-stats.ts";
import type { WorkerDeps } from "./worker-parts.ts";
import { createWorkerParts } from "./worker-parts.ts";

/** Runs tasks, sends deliveries and fires schedules. */
export interface Worker {
  readonly id: string;
  /** Enters the worker, takes over what its former life held, and begins to work. After `stop` it does nothing. */
  start(): Promise<void>;
  /**
   * Claims nothing more, hands back what has not begun, waits for the work in hand for `graceMs` (default 10 s), then
   * aborts it and hands tasks back without costing an attempt. Ends at the latest 5 s after the grace: what a silent
   * database did not take until then is recovered like after a crash. Every call waits for the same stop.
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
  /** One round: fires schedules, claims what there is room for, starts it, and returns how many pieces that were. */
  tick(): Promise<number>;
  /** Rounds until nothing is due and nothing is in hand; what waits for a later time stays. */
  runUntilIdle(): Promise<void>;
  /** Looks for tasks at once rather than at the next poll; with a delay, for those that are due then. */
  nudge(inMs?: number): void;
  /** Looks at once whether a task of its was cancelled. */
  checkCancelled(): void;
  /** What it has done since it was made, and what it has in hand. */
  stats(): WorkerStats;
}

const DEFAULT_GRACE_MS = 10_000;

export function createWorker(options: WorkerOptions, deps: WorkerDeps): LocalWorker {
  const settings = workerSettings(options);
  const { id } = settings;
  const { clock, random, announcer } = deps;
  const logger = deps.logger.child({ worker_id: id });
  const wake = createWakeSignal(clock);
  const parts = createWorkerParts({
    ...deps,
    logger,
    settings,
    onTaskSettled: options.onTaskSettled,
    isStopped: () => stopped !== null,
    isOver: () => exit.isOver,
  });
  const { tasks, deliveries, deliverySlots, liveness, scheduler, upkeep } = parts;
  const work = createWorkLoop({
    tasks,
    fireSchedules: scheduler.fireDue,
    deliveries,
    deliverySlots,
    liveness,
    wake,
    random,
    pollMs: settings.pollMs,
    isStopped: () => stopped !== null,
    hears: () => hears,
    reportRound,
  });
  const exit: WorkerExit = createWorkerExit({
    tasks,
    deliverySlots,
    liveness,
    upkeep,
    quiet,
    stopListening: async () => unhear?.().catch(() => undefined),
    reportRound,
    clock,
    logger,
  });
  let starting: Promise<void> | null = null;
  let loop: Promise<void> | null = null;
  let stopped: Promise<void> | null = null;
  let unhear: (() => Promise<void>) | null = null;
  let hears = false;
  let endWatch = (): void => {};

  return {
    id,
    start,
    stop,
    tick: work.tick,
    runUntilIdle: work.runUntilIdle,
    nudge: tasks.look,
    lookForDeliveries() {
      deliveries.look();
      return loop !== null && stopped === null && settings.deliveryConcurrency > 0;
    },
    carry: tasks.carry,
    checkCancelled,
    checkSchedules: scheduler.wake,
    stats: parts.stats,
  };

  function start(): Promise<void> {
    return (starting ??= enter().catch((error: unknown) => {
      starting = null;
      throw error;
    }));
  }

  async function enter(): Promise<void> {
    if (stopped !== null) return;
    await liveness.begin();
    unhear = await announcer.hear(heard).catch(cannotHear);
    loop = work.run();
    if (stopped === null) {
      tasks.run();
      deliveries.run();
      upkeep.start();
      if (settings.schedules) scheduler.start();
      endWatch = deps.queueWatch.start();
    }
    logger.info({ types: Object.keys(settings.handlers) }, "The worker has started.");
  }

  function cannotHear(error: unknown): null {
    logger.warn({ err: error }, "The worker cannot listen to the database and polls instead.");
    return null;
  }

  function heard(news: News): void {
    hears = true;
    if (news === "cancel") checkCancelled();
    else if (news === "deliveries") deliveries.look();
    else if (news === "schedules") scheduler.wake();
    else tasks.lookForAll();
  }

  function checkCancelled(): void {
    void abortCancelled().catch(reportRound);
  }

  /** One that was cancelled between its claim and its arrival here is found once it has arrived. */
  async function abortCancelled(): Promise<void> {
    await liveness.abortCancelled();
    if (await tasks.arrived()) await liveness.abortCancelled();
  }

  function stop({ graceMs = DEFAULT_GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    return (stopped ??= leave(graceMs));
  }

  async function leave(graceMs: number): Promise<void> {
    deliveries.leave();
    wake.wake();
    endWatch();
    await exit.leave(graceMs);
    deps.onStopped();
  }

  async function quiet(): Promise<void> {
    await Promise.allSettled([starting, work.quiet(), scheduler.stop()]);
    await loop;
    await deliveries.landed();
  }

  function reportRound(error: unknown): number {
    logger.error({ err: error }, "A round of the worker failed; it goes on.");
    return 0;
  }
}
