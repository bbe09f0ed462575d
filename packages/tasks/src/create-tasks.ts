import { createDispatcherRegistry, silentLogger, systemClock } from "@core/registry";
import { deliveriesOfTask, listDeliveries } from "./delivery/delivery-reader.ts";
import type { ResolveBot } from "./delivery/delivery-run.ts";
import type { ResolveFileLink } from "./delivery/unsupported-files.ts";
import { createLimits } from "./limit/limits.ts";
import { createPauses } from "./limit/pauses.ts";
import { hookContextOf } from "./task/hook-context.ts";
import { cancelTask, cancelTasks } from "./task/cancel.ts";
import { createEnqueuer, storeTogether } from "./task/enqueue.ts";
import { DEFAULT_SCHEMA } from "./store/migrations.ts";
import { runnerOf } from "./store/sql-runner.ts";
import type { TasksDb } from "./store/store.ts";
import { createStore } from "./store/store.ts";
import { createIds } from "./store/new-id.ts";
import { isUuid } from "./store/uuid.ts";
import { makeTask } from "./task/task-maker.ts";
import type { TaskTypeSettings } from "./task/task-type.ts";
import { taskTypeSettings } from "./task/task-type.ts";
import { listTasks, readTask } from "./task/task-reader.ts";
import { storeTasks } from "./task/task-storage.ts";
import { createAnnouncer } from "./worker/announcer.ts";
import { createLocalWorkers } from "./worker/local-workers.ts";
import type { EnqueueReceipt, Task, TaskWithDeliveries } from "./task/task.ts";
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
  const feed = createEventFeed({ database, schema: store.schema, clock, logger });
  const reporter = createTaskReporter({ feed, store, clock, logger });
  const enqueuing = { store, announcer, workers, reporter };
  const enqueueOne = createEnqueuer(enqueuing, clock);
  const making = { newId: createIds(), dispatchers, settingsOf, resolveTarget, resolveTimeout };
  const settings = new Map<string, TaskTypeSettings>();

  return {
    async enqueue(input, { trx, client } = {}) {
      if (trx === undefined && client === undefined) database.assertOutside();
      const task = await makeTask(making, input, trx ? { trx } : {});
      if (trx === undefined && client === undefined) return enqueueOne(task);
      const [receipt] = await storeTasks(store, runnerOf({ trx, client }), [task]);
      return receipt as EnqueueReceipt;
    },
    async enqueueMany(inputs, { trx, client } = {}) {
      if (trx === undefined && client === undefined) database.assertOutside();
      const made = await Promise.all(inputs.map((input) => makeTask(making, input, trx ? { trx } : {})));
      if (trx !== undefined || client !== undefined)
        return storeTasks(store, runnerOf({ trx, client }), made);
      return storeTogether(enqueuing, made);
    },
    get: async (id) => (isUuid(id) ? store.snapshot((trx) => readWhole(trx, id)) : null),
    events: feed,
    ...createWatching({ feed, store, readWhole, clock, logger }),
    list: (filter = {}) => listTasks(store.db, filter),
    listDeliveries: (filter = {}) => listDeliveries(store.db, filter),
    async cancel(id) {
      const answer = isUuid(id) ? await cancelTask(store, id) : "unknown";
      if (answer === "cancelling") tellCancel();
      if (answer === "cancelled") await reporter.cancelled([id]);
      return answer;
    },
    async cancelAll(which) {
      const cancelled = await cancelTasks(store, which);
      if (cancelled.length > 0) tellCancel();
      const unbegun = cancelled.filter(({ answer }) => answer === "cancelled");
      await reporter.cancelled(unbegun.map(({ id }) => id));
      return cancelled.length;
    },
    limits: createLimits(store, tellWorkers),
    ...createPauses(store, tellWorkers),
    createWorker(workerOptions) {
      const worker = createWorker(workerOptions, {
        store,
        announcer,
        dispatchers,
        resolveBot,
        fileLink,
        settingsOf,
        onTaskEnded,
        reporter,
        onStopped: () => workers.delete(worker),
        clock,
        random,
        logger,
      });
      workers.add(worker);
      return worker;
    },
  };

  function tellWorkers(): void {
    workers.nudge();
    announcer.announce();
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

  function tellCancel(): void {
    workers.checkCancelled();
    announcer.announceCancel();
  }

  function settingsOf(type: string): TaskTypeSettings {
    const known = settings.get(type);
    if (known !== undefined) return known;
    const made = taskTypeSettings(type, types[type]);
    settings.set(type, made);
    return made;
  }
}

async function readWhole(trx: TasksDb, id: string): Promise<TaskWithDeliveries | null> {
  const task = await readTask(trx, id);
  return task && { ...task, deliveries: await deliveriesOfTask(trx, id) };
}

const nobody: ResolveBot = () => Promise.resolve(null);
const noLink: ResolveFileLink = () => null;
