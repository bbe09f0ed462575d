import type { Clock, DispatcherRegistry, Logger } from "@core/registry";
import { endsWithin } from "../lease/abort-grace.ts";
import type { ResolveBot } from "../delivery/delivery-run.ts";
import type { ResolveFileLink } from "../delivery/unsupported-files.ts";
import { stoppingError } from "../lease/lease.ts";
import type { Liveness } from "./liveness.ts";
import { createLiveness } from "./liveness.ts";
import { createSlots } from "./slots.ts";
import type { Store } from "../store/store.ts";
import type { RetryRule } from "../task/task-failure.ts";
import type { Settled } from "../task/task-settlement.ts";
import type { Task } from "../task/task.ts";
import { createWakeSignal } from "./wake-signal.ts";
import type { WorkerOptions } from "./worker-options.ts";
import { workerSettings } from "./worker-options.ts";
import { createRound } from "./worker-round.ts";

/** Runs tasks and sends deliveries. */
export interface Worker {
  readonly id: string;
  /** Enters the worker, takes over what its former life held, and begins to work. After `stop` it does nothing. */
  start(): Promise<void>;
  /**
   * Claims nothing more, waits for the work in hand for `graceMs` (default 10 s), then aborts it and hands tasks
   * back without costing an attempt. Ends at the latest 5 s after the grace: what a silent database did not take
   * until then is recovered like after a crash. Every call waits for the same stop.
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
  /** One round: claims what there is room for and starts it. Returns how many pieces of work it started. */
  tick(): Promise<number>;
  /** Rounds until nothing is due and nothing is in hand; what waits for a later time stays. */
  runUntilIdle(): Promise<void>;
  /** Looks for work at once rather than at the next poll. */
  nudge(): void;
}

export interface WorkerDeps {
  readonly store: Store;
  readonly dispatchers: DispatcherRegistry;
  readonly resolveBot: ResolveBot;
  readonly fileLink: ResolveFileLink;
  readonly ruleOf: (type: string) => RetryRule;
  readonly onTaskEnded: (task: Task, status: "complete" | "failed") => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const DEFAULT_GRACE_MS = 10_000;

/** How long a stop waits, after its grace, for aborted work to end and for the database to take the last writes. */
const LAST_WRITES_MS = 5_000;

export function createWorker(options: WorkerOptions, deps: WorkerDeps): Worker {
  const settings = workerSettings(options);
  const { id } = settings;
  const { clock, random } = deps;
  const logger = deps.logger.child({ worker_id: id });
  const types = Object.keys(settings.handlers);
  const wake = createWakeSignal(clock);
  const taskSlots = createSlots(settings.concurrency, wake.wake);
  const deliverySlots = createSlots(settings.deliveryConcurrency, wake.wake);
  const liveness: Liveness = createLiveness({
    ...deps,
    ...settings,
    logger,
    types,
    taskSlots,
    deliverySlots,
    onSettled,
  });
  const startDueWork = createRound({
    ...deps,
    ...settings,
    logger,
    taskSlots,
    deliverySlots,
    identity: liveness.identity,
    isLeaving: () => stopped !== null || liveness.lost,
    hopeless: () => liveness.lost || gaveUp,
    onSettled,
  });
  let starting: Promise<void> | null = null;
  let loop: Promise<void> | null = null;
  let lastRound: Promise<unknown> = Promise.resolve();
  let stopped: Promise<void> | null = null;
  let graceIsOver = false;
  let gaveUp = false;

  return { id, start, stop, tick, runUntilIdle, nudge: wake.wake };

  function start(): Promise<void> {
    return (starting ??= enter().catch((error: unknown) => {
      starting = null;
      throw error;
    }));
  }

  async function enter(): Promise<void> {
    if (stopped !== null) return;
    await liveness.begin();
    loop = work();
    logger.info({ types }, "The worker has started.");
  }

  function stop({ graceMs = DEFAULT_GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    return (stopped ??= leave(graceMs));
  }

  async function leave(graceMs: number): Promise<void> {
    wake.wake();
    const cancel = clock.after(graceMs, () => {
      graceIsOver = true;
      abortAll();
    });
    const drained = await endsWithin(drain(), graceMs + LAST_WRITES_MS, clock);
    cancel();
    if (drained) return logger.info({}, "The worker has stopped.");
    gaveUp = true;
    void liveness.end();
    logger.error(
      {},
      "The worker stopped with work that could not be stored; it will be recovered like after a crash.",
    );
  }

  async function drain(): Promise<void> {
    await Promise.allSettled([starting, lastRound]);
    await loop;
    if (graceIsOver) abortAll();
    await Promise.all([taskSlots.idle(), deliverySlots.idle()]);
    await liveness.end();
  }

  function abortAll(): void {
    taskSlots.abortAll(stoppingError());
    deliverySlots.abortAll(stoppingError());
  }

  async function work(): Promise<void> {
    while (stopped === null) {
      const started = await tick().catch(reportRound);
      if (started === 0 || taskSlots.free === 0) await wake.sleep(settings.pollMs * (0.75 + random() / 2));
    }
  }

  /** Rounds follow each other, so that two of them never fill the same free place. */
  function tick(): Promise<number> {
    const round = lastRound.then(playRound);
    lastRound = round.catch(() => 0);
    return round;
  }

  async function playRound(): Promise<number> {
    if (stopped !== null) return 0;
    await liveness.begin();
    return startDueWork();
  }

  async function runUntilIdle(): Promise<void> {
    for (;;) {
      const started = await tick();
      if (started === 0 && taskSlots.size + deliverySlots.size === 0) return;
      await Promise.all([taskSlots.idle(), deliverySlots.idle()]);
    }
  }

  function onSettled(task: Task, settled: Settled): void {
    wake.wake();
    if (settled === null) return;
    if (settled !== "pending") deps.onTaskEnded(task, settled);
    void tell(task, settled);
  }

  async function tell(task: Task, settled: Exclude<Settled, null>): Promise<void> {
    try {
      await options.onTaskSettled?.(task, settled);
    } catch (error) {
      logger.error({ err: error, task_id: task.id }, "onTaskSettled failed.");
    }
  }

  function reportRound(error: unknown): number {
    logger.error({ err: error }, "A round of the worker failed; it goes on.");
    return 0;
  }
}
