import type { Clock, DispatcherRegistry, Logger } from "@core/registry";
import { v7 as uuidv7 } from "uuid";
import { claimDeliveries } from "./delivery-claim.ts";
import type { ResolveBot } from "./delivery-run.ts";
import { runDelivery } from "./delivery-run.ts";
import { stoppingError } from "./lease.ts";
import type { Liveness } from "./liveness.ts";
import { createLiveness } from "./liveness.ts";
import { readyTypesOf } from "./parking.ts";
import { createSlots } from "./slots.ts";
import type { Store } from "./store.ts";
import { claimTasks } from "./task-claim.ts";
import type { RetryRule } from "./task-failure.ts";
import type { TaskHandler } from "./task-run.ts";
import { runTask } from "./task-run.ts";
import type { Settled } from "./task-settlement.ts";
import type { Task } from "./task.ts";
import { createWakeSignal } from "./wake-signal.ts";

export interface WorkerOptions {
  /** By task type; the worker claims only these. Without handlers it only delivers. */
  readonly handlers: Readonly<Record<string, TaskHandler>>;
  /** The same over restarts, so that a restart takes over at once what its former life held. Default: random. */
  readonly workerId?: string;
  /** Default `["default"]`. */
  readonly queues?: readonly string[];
  /** Tasks at once. Default 8. */
  readonly concurrency?: number;
  /** Delivery attempts at once. Default 16. */
  readonly deliveryConcurrency?: number;
  /** Given up, and counted as a lost answer, after this. Default 60 s; dispatchers have shorter deadlines of their own. */
  readonly deliveryTimeoutMs?: number;
  /** Default 5 s. */
  readonly heartbeatMs?: number;
  /** A worker that has been silent for this long is dead. Default 15 s. */
  readonly deadAfterMs?: number;
  /** How long an idle worker sleeps at most; a quarter more or less. Default 1 s. */
  readonly pollMs?: number;
  /** Told after every run; `pending` is a retry or a hand-back. Must not throw. */
  readonly onTaskSettled?: (task: Task, settled: Exclude<Settled, null>) => void;
}

/** Runs tasks and sends deliveries. */
export interface Worker {
  readonly id: string;
  /** Enters the worker, takes over what its former life held, and begins to work. */
  start(): Promise<void>;
  /**
   * Claims nothing more, waits for the work in hand for `graceMs` (default 10 s), then aborts it and hands tasks
   * back without costing an attempt.
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
  readonly ruleOf: (type: string) => RetryRule;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const DEFAULT_GRACE_MS = 10_000;

export function createWorker(options: WorkerOptions, deps: WorkerDeps): Worker {
  const settings = complete(options);
  const { id, handlers } = settings;
  const { store, dispatchers, clock, random } = deps;
  const logger = deps.logger.child({ worker_id: id });
  const types = Object.keys(handlers);
  const wake = createWakeSignal(clock);
  const taskSlots = createSlots(settings.concurrency, wake.wake);
  const deliverySlots = createSlots(settings.deliveryConcurrency, wake.wake);
  const liveness: Liveness = createLiveness({ ...deps, ...settings, logger, types, taskSlots, deliverySlots });
  const runDeps = { ...deps, logger, hopeless: () => liveness.lost, onSettled };
  let loop: Promise<void> | null = null;
  let stopping = false;

  return { id, start, stop, tick, runUntilIdle, nudge: wake.wake };

  async function start(): Promise<void> {
    if (loop !== null || stopping) return;
    await liveness.begin();
    loop = work();
    logger.info({ types }, "The worker has started.");
  }

  async function stop({ graceMs = DEFAULT_GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    if (stopping) return;
    stopping = true;
    wake.wake();
    await loop;
    const cancel = clock.after(graceMs, () => {
      taskSlots.abortAll(stoppingError());
      deliverySlots.abortAll(stoppingError());
    });
    await Promise.all([taskSlots.idle(), deliverySlots.idle()]);
    cancel();
    await liveness.end();
    logger.info({}, "The worker has stopped.");
  }

  async function work(): Promise<void> {
    while (!stopping) {
      const started = await tick().catch(reportRound);
      if (started === 0 || taskSlots.free === 0) await wake.sleep(settings.pollMs * (0.75 + random() / 2));
    }
  }

  async function tick(): Promise<number> {
    await liveness.begin();
    if (liveness.lost) return 0;
    const tasks = await startTasks();
    const deliveries = await startDeliveries();
    return tasks + deliveries;
  }

  async function startTasks(): Promise<number> {
    if (taskSlots.free === 0 || types.length === 0) return 0;
    const worker = liveness.identity();
    const claimed = await claimTasks(store, { worker, types, queues: settings.queues, limit: taskSlots.free });
    for (const one of claimed) {
      const handler = handlers[one.task.type];
      if (handler === undefined) continue;
      taskSlots.start(one.lease, (signal) => runTask(one, handler, deps.ruleOf(one.task.type), signal, runDeps));
    }
    return claimed.length;
  }

  async function startDeliveries(): Promise<number> {
    const ready = readyTypesOf(dispatchers);
    if (deliverySlots.free === 0 || ready.length === 0) return 0;
    const worker = liveness.identity();
    const claimed = await claimDeliveries(store, { worker, types: ready, limit: deliverySlots.free });
    for (const one of claimed) {
      const attempt = { ...runDeps, timeoutMs: settings.deliveryTimeoutMs };
      deliverySlots.start(one.lease, (signal) => runDelivery(one, signal, attempt));
    }
    return claimed.length;
  }

  async function runUntilIdle(): Promise<void> {
    for (;;) {
      const started = await tick();
      if (started === 0 && taskSlots.size + deliverySlots.size === 0) return;
      await Promise.all([taskSlots.idle(), deliverySlots.idle()]);
    }
  }

  function onSettled(task: Task, settled: Settled): void {
    if (settled !== null) options.onTaskSettled?.(task, settled);
    wake.wake();
  }

  function reportRound(error: unknown): number {
    logger.error({ err: error }, "A round of the worker failed; it goes on.");
    return 0;
  }
}

type WorkerSettings = Required<Omit<WorkerOptions, "workerId" | "onTaskSettled">> & { readonly id: string };

function complete(options: WorkerOptions): WorkerSettings {
  return {
    id: options.workerId ?? uuidv7(),
    handlers: options.handlers,
    queues: options.queues ?? ["default"],
    concurrency: options.concurrency ?? 8,
    deliveryConcurrency: options.deliveryConcurrency ?? 16,
    deliveryTimeoutMs: options.deliveryTimeoutMs ?? 60_000,
    heartbeatMs: options.heartbeatMs ?? 5_000,
    deadAfterMs: options.deadAfterMs ?? 15_000,
    pollMs: options.pollMs ?? 1_000,
  };
}
