import type { Clock, DispatcherRegistry, Logger } from "@core/registry";
import type { ResolveBot } from "../delivery/delivery-run.ts";
import type { ResolveFileLink } from "../delivery/unsupported-files.ts";
import type { Announcer, News } from "./announcer.ts";
import type { DeliveryEngine } from "./delivery-engine.ts";
import { createDeliveryEngine } from "./delivery-engine.ts";
import type { Liveness } from "./liveness.ts";
import { createLiveness } from "./liveness.ts";
import type { LocalWorker } from "./local-workers.ts";
import { createSettledReport } from "./settled-report.ts";
import { createScheduler } from "../schedule/scheduler.ts";
import { createSlots } from "./slots.ts";
import type { Store } from "../store/store.ts";
import type { TaskTypeSettings } from "../task/task-type.ts";
import { readChildren } from "../task/task-reader.ts";
import type { TasksOfEnds } from "../task/tasks-of-end.ts";
import type { TaskMakerOptions } from "../task/task-maker.ts";
import type { EnqueueReceipt, Task } from "../task/task.ts";
import type { QueueWatch } from "../telemetry/queue-watch.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { createRunNotes } from "../watch/run-notes.ts";
import type { TaskReporter } from "../watch/task-reporter.ts";
import type { TaskEngine } from "./task-engine.ts";
import { createTaskEngine } from "./task-engine.ts";
import { createWakeSignal } from "./wake-signal.ts";
import { createUpkeep } from "./upkeep.ts";
import type { WorkerExit } from "./worker-exit.ts";
import { createWorkerExit } from "./worker-exit.ts";
import { createWorkLoop } from "./work-loop.ts";
import type { WorkerOptions } from "./worker-options.ts";
import { workerSettings } from "./worker-options.ts";
import type { WorkerStats } from "./worker-stats.ts";
import { createWorkerStats } from "./worker-stats.ts";

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

export interface WorkerDeps {
  readonly store: Store;
  readonly announcer: Announcer;
  readonly dispatchers: DispatcherRegistry;
  readonly resolveBot: ResolveBot;
  readonly fileLink: ResolveFileLink;
  readonly settingsOf: (type: string) => TaskTypeSettings;
  readonly tasksOfEnds: TasksOfEnds;
  readonly onTaskEnded: (task: Task, status: "complete" | "failed") => void;
  readonly making: TaskMakerOptions;
  readonly onTasksMade: (receipts: readonly EnqueueReceipt[]) => void;
  /** A delivery of this type may be claimed. */
  readonly onDeliveryMade: (dispatchType: string) => void;
  readonly onStopped: () => void;
  readonly telemetry: Telemetry | null;
  readonly queueWatch: QueueWatch;
  readonly reporter: TaskReporter;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const DEFAULT_GRACE_MS = 10_000;

export function createWorker(options: WorkerOptions, deps: WorkerDeps): LocalWorker {
  const settings = workerSettings(options);
  const { id } = settings;
  const { clock, random, announcer } = deps;
  const logger = deps.logger.child({ worker_id: id });
  const types = Object.keys(settings.handlers);
  const wake = createWakeSignal(clock);
  const stats = createWorkerStats();
  const notes = createRunNotes({ ...deps, logger });
  const onSettled = createSettledReport({
    ...deps,
    stats,
    logger,
    telemetry: deps.telemetry,
    onTaskSettled: options.onTaskSettled,
    onTaskEnded,
  });
  const deliverySlots = createSlots(Number.POSITIVE_INFINITY, () => undefined);
  const hopeless = (): boolean => liveness.lost || exit.isOver;
  const identity = (): ReturnType<Liveness["identity"]> => liveness.identity();
  const tasks: TaskEngine = createTaskEngine({
    ...deps,
    ...settings,
    logger,
    identity,
    hopeless,
    notes,
    onSettled,
    childrenOf: (taskId) => readChildren(deps.store.db, taskId),
    onFreed: announcer.announce,
  });
  const liveness: Liveness = createLiveness({
    ...deps,
    ...settings,
    logger,
    types,
    tasks,
    deliverySlots,
    storeNotes: notes.store,
    onSettled,
    onRecovered() {
      tasks.lookBehind();
      deliveries.look();
    },
  });
  const upkeep = createUpkeep({ ...deps, logger });
  const deliveries: DeliveryEngine = createDeliveryEngine({
    ...deps,
    ...settings,
    logger,
    slots: deliverySlots,
    identity,
    isLeaving: () => stopped !== null || liveness.lost,
    hopeless,
  });
  const scheduler = createScheduler({
    ...deps,
    logger,
    onTasks: deps.onTasksMade,
    isLeaving: () => !settings.schedules || stopped !== null || liveness.lost,
  });
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
    stats: () => stats.read({ tasks: tasks.size, deliveries: deliverySlots.size }),
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
    logger.info({ types }, "The worker has started.");
  }

  function cannotHear(error: unknown): null {
    logger.warn({ err: error }, "The worker cannot listen to the database and polls instead.");
    return null;
  }

  function heard(news: News): void {
    hears = true;
    if (news === "cancel") checkCancelled();
    else if (news === "deliveries") deliveries.look();
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

  function onTaskEnded(task: Task, status: "complete" | "failed"): void {
    if (task.dispatch_type !== "none") deps.onDeliveryMade(task.dispatch_type);
    deps.onTaskEnded(task, status);
  }

  function reportRound(error: unknown): number {
    logger.error({ err: error }, "A round of the worker failed; it goes on.");
    return 0;
  }
}
