import { createDispatcherRegistry, silentLogger, systemClock } from "@core/registry";
import { createDeliveries } from "./delivery/deliveries.ts";
import { deliveriesOfTask } from "./delivery/delivery-reader.ts";
import type { ResolveBot } from "./delivery/delivery-run.ts";
import type { ResolveFileLink } from "./delivery/unsupported-files.ts";
import { createLimits } from "./limit/limits.ts";
import { createPauses } from "./limit/pauses.ts";
import { hookContextOf } from "./task/hook-context.ts";
import { cancelTask, cancelTasks } from "./task/cancel.ts";
import { createEnqueuer, storeTogether } from "./task/enqueue.ts";
import { DEFAULT_SCHEMA } from "./store/migrations.ts";
import { runnerOf } from "./store/sql-runner.ts";
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
import type { EnqueueReceipt, Task } from "./task/task.ts";
import { createWorker } from "./worker/worker.ts";
import type { Tasks, TasksOptions } from "./tasks.ts";

export function createTasks(options: TasksOptions): Tasks {
  const { database, types = {}, clock = systemClock, random = Math.random } = options;
  const { dispatchers = createDispatcherRegistry(), logger = silentLogger } = options;
  const { resolveBot = nobody, fileLink = noLink, resolveTarget, resolveTimeout } = options;
  const store = createStore(database, options.schema ?? DEFAULT_SCHEMA);
  const announcer = createAnnouncer(database, store.schema, { clock, logger });
  const workers = createLocalWorkers(clock);
  const enqueuing = { store, announcer, workers };
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
    async get(id) {
      if (!isUuid(id)) return null;
      return store.snapshot(async (trx) => {
        const task = await readTask(trx, id);
        return task && { ...task, deliveries: await deliveriesOfTask(trx, id) };
      });
    },
    list: (filter = {}) => listTasks(store.db, filter),
    async cancel(id) {
      const answer = isUuid(id) ? await cancelTask(store, id) : "unknown";
      if (answer === "cancelling") tellCancel();
      return answer;
    },
    async cancelAll(which) {
      const count = await cancelTasks(store, which);
      if (count > 0) tellCancel();
      return count;
    },
    limits: createLimits(store, tellWorkers),
    deliveries: createDeliveries({ database, store, dispatchers, clock, tellWorkers: tellDeliverers }),
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
        onDeliveryMade,
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

  function tellDeliverers(): void {
    workers.lookForDeliveries();
    announcer.announceDeliveries();
  }

  /** Others are told only of what nobody here can send. */
  function onDeliveryMade(dispatchType: string): void {
    const isOurs = workers.lookForDeliveries() && dispatchers.isReady(dispatchType);
    if (!isOurs) announcer.announceDeliveries();
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

const nobody: ResolveBot = () => Promise.resolve(null);
const noLink: ResolveFileLink = () => null;
