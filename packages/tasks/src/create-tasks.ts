import { createDispatcherRegistry, silentLogger, systemClock } from "@core/registry";
import { createDeliveries } from "./delivery/deliveries.ts";
import { deliveriesOfTask } from "./delivery/delivery-reader.ts";
import type { ResolveBot } from "./delivery/delivery-run.ts";
import type { ResolveFileLink } from "./delivery/unsupported-files.ts";
import { createLimits } from "./limit/limits.ts";
import { createPauses } from "./limit/pauses.ts";
import { createSchedules } from "./schedule/schedules.ts";
import { hookContextOf } from "./task/hook-context.ts";
import { cancelTask, cancelTasks } from "./task/cancel.ts";
import { createEnqueuer, storeTogether } from "./task/enqueue.ts";
import { DEFAULT_SCHEMA } from "./store/migrations.ts";
import { pruneTasks } from "./retention/prune.ts";
import type { OwnTransaction, SqlRunner } from "./store/sql-runner.ts";
import { ownRunner } from "./store/sql-runner.ts";
import type { TasksDb } from "./store/store.ts";
import { createStore } from "./store/store.ts";
import { createIds } from "./store/new-id.ts";
import { isUuid } from "./store/uuid.ts";
import { makeTask } from "./task/task-maker.ts";
import type { NewTask } from "./task/task-row.ts";
import { createTypeSettings } from "./task/task-type.ts";
import { redriveTasks, retryTask } from "./task/retry.ts";
import { listTasks } from "./task/task-list.ts";
import { readTask } from "./task/task-reader.ts";
import { readDepth, readStats } from "./task/task-stats.ts";
import { storeTasks } from "./task/task-storage.ts";
import { createTasksOfEnds } from "./task/tasks-of-end.ts";
import { combinedTelemetry } from "./telemetry/combined-telemetry.ts";
import { diagnosticsTelemetry } from "./telemetry/diagnostics.ts";
import { observeEnqueue } from "./telemetry/enqueue-observation.ts";
import { createQueueWatch } from "./telemetry/queue-watch.ts";
import { createAnnouncer } from "./worker/announcer.ts";
import { createLocalWorkers } from "./worker/local-workers.ts";
import { createNudges } from "./worker/nudges.ts";
import type { EnqueueReceipt, Task, TaskInput, TaskWithDeliveries } from "./task/task.ts";
import { createWorker } from "./worker/worker.ts";
import { createEventFeed } from "./watch/event-feed.ts";
import { createTaskReporter } from "./watch/task-reporter.ts";
import { createWatching } from "./watch/watching.ts";
import type { Tasks, TasksOptions } from "./tasks.ts";

export function createTasks(options: TasksOptions): Tasks {
  const { database, types = {}, clock = systemClock, random = Math.random } = options;
  const { dispatchers = createDispatcherRegistry(), logger = silentLogger } = options;
  const { resolveBot = nobody, fileLink = noLink, resolveTarget, resolveTimeout } = options;
  const store = createStore(database, options.schema ?? DEFAULT_SCHEMA);
  const announcer = createAnnouncer(database, store.schema, { clock, logger });
  const workers = createLocalWorkers(clock);
  const nudges = createNudges({ workers, announcer, dispatchers });
  const feed = createEventFeed({ database, schema: store.schema, clock, logger });
  const reporter = createTaskReporter({ feed, store, clock, logger });
  const enqueuing = { store, announcer, workers, reporter };
  const enqueueOne = createEnqueuer(enqueuing, clock);
  const settings = createTypeSettings(types, options.retention);
  const making = { newId: createIds(), dispatchers, settingsOf: settings.of, resolveTarget, resolveTimeout };
  const tasksOfEnds = createTasksOfEnds({ store, making, followUps: options.followUps, logger });
  const observers = options.diagnostics ? [diagnosticsTelemetry(options.diagnostics, { clock, logger })] : [];
  if (options.telemetry !== undefined) observers.push(options.telemetry);
  const telemetry = combinedTelemetry(observers, logger);
  const queueWatch = createQueueWatch({ telemetry, read: () => readDepth(store), clock });

  return {
    async enqueue(input, where = {}) {
      if (telemetry === null) return storeOne(input, where);
      return observeEnqueue(telemetry, [input], ([traced = input]) => storeOne(traced, where));
    },
    async enqueueMany(inputs, where = {}) {
      if (telemetry === null || inputs.length === 0) return storeMany(inputs, where);
      return observeEnqueue(telemetry, inputs, (traced) => storeMany(traced, where));
    },
    get: async (id) => (isUuid(id) ? store.snapshot((trx) => readWhole(trx, id)) : null),
    events: feed,
    ...createWatching({ feed, store, readWhole, clock, logger }),
    list: (filter = {}) => listTasks(store.db, filter),
    async cancel(id) {
      const answer = isUuid(id) ? await cancelTask(store, id) : "unknown";
      if (answer === "cancelling") nudges.forCancelled();
      if (answer === "cancelled") await reporter.cancelled([id]);
      return answer;
    },
    async cancelAll(which) {
      const cancelled = await cancelTasks(store, which);
      if (cancelled.length > 0) nudges.forCancelled();
      const unbegun = cancelled.filter(({ answer }) => answer === "cancelled");
      await reporter.cancelled(unbegun.map(({ id }) => id));
      return cancelled.length;
    },
    async retry(id) {
      const answer = await retryTask(store, id);
      if (answer === "retried") nudges.forTasks();
      return answer;
    },
    async redrive(filter, redriveOptions = {}) {
      const count = await redriveTasks(store, filter, redriveOptions);
      if (count > 0) nudges.forTasks();
      return count;
    },
    stats: () => readStats(store),
    prune: (pruneOptions) => pruneTasks(store, pruneOptions),
    limits: createLimits(store, nudges.forTasks),
    deliveries: createDeliveries({
      database,
      store,
      dispatchers,
      clock,
      reporter,
      tellWorkers: nudges.forDeliveries,
    }),
    ...createPauses(store, nudges.forTasks),
    schedules: createSchedules({ store, making, onTasks: tellOfTasks, onPlanned: nudges.forSchedules }),
    createWorker(workerOptions) {
      const worker = createWorker(workerOptions, {
        store,
        announcer,
        dispatchers,
        resolveBot,
        fileLink,
        settingsOf: settings.of,
        keepsAll: settings.keepsAll,
        tasksOfEnds,
        onTaskEnded,
        making,
        onTasksMade: tellOfTasks,
        reporter,
        onDeliveryMade: nudges.forDeliveryOf,
        onStopped: () => workers.delete(worker),
        telemetry,
        queueWatch,
        clock,
        random,
        logger,
      });
      workers.add(worker);
      return worker;
    },
  };

  async function storeOne(input: TaskInput, own: OwnTransaction): Promise<EnqueueReceipt> {
    const run = ownRunner(own);
    if (run === null) database.assertOutside();
    const task = await makeTask(making, input, own.trx ? { trx: own.trx } : {});
    if (run === null) return enqueueOne(task);
    const [receipt] = await storeWithin(run, [task]);
    return receipt as EnqueueReceipt;
  }

  async function storeMany(
    inputs: readonly TaskInput[],
    own: OwnTransaction,
  ): Promise<readonly EnqueueReceipt[]> {
    const run = ownRunner(own);
    if (run === null) database.assertOutside();
    const within = own.trx ? { trx: own.trx } : {};
    const made = await Promise.all(inputs.map((input) => makeTask(making, input, within)));
    return run === null ? storeTogether(enqueuing, made) : storeWithin(run, made);
  }

  async function storeWithin(run: SqlRunner, made: readonly NewTask[]): Promise<readonly EnqueueReceipt[]> {
    const receipts = await storeTasks(store, run, made);
    await reporter.madeWithin(run, receipts);
    return receipts;
  }

  function tellOfTasks(receipts: readonly EnqueueReceipt[]): void {
    nudges.forNewTasks(receipts);
    reporter.made(receipts);
  }

  function onTaskEnded(task: Task, status: "complete" | "failed"): void {
    const { id, type, reason } = task;
    options.hooks?.emit("after_task_complete", hookContextOf(task), {
      task_id: id,
      task_type: type,
      reason,
      status,
    });
  }
}

async function readWhole(trx: TasksDb, id: string): Promise<TaskWithDeliveries | null> {
  const task = await readTask(trx, id);
  return task && { ...task, deliveries: await deliveriesOfTask(trx, id) };
}

const nobody: ResolveBot = () => Promise.resolve(null);
const noLink: ResolveFileLink = () => null;
