import type { Database } from "@core/database";
import type { Clock, DispatcherRegistry, Hooks, Logger } from "@core/registry";
import { silentLogger, systemClock } from "@core/registry";
import type { Transaction } from "kysely";
import { deliveriesOfTask, listDeliveries } from "./delivery/delivery-reader.ts";
import type { DeliveryFilter, DeliveryRecord } from "./delivery/delivery-record.ts";
import type { ResolveBot } from "./delivery/delivery-run.ts";
import type { ResolveFileLink } from "./delivery/unsupported-files.ts";
import { hookContextOf } from "./task/hook-context.ts";
import type { ResolveTarget } from "./task/dispatch-plan.ts";
import { planDispatch } from "./task/dispatch-plan.ts";
import { insertTask } from "./task/enqueue.ts";
import { DEFAULT_SCHEMA } from "./store/migrations.ts";
import { createStore } from "./store/store.ts";
import { isUuid } from "./store/uuid.ts";
import type { TaskTypeOptions } from "./task/task-type.ts";
import { assertTaskInput } from "./task/task-input.ts";
import { AGENT_TYPE, taskTypeSettings } from "./task/task-type.ts";
import { listTasks, readTask } from "./task/task-reader.ts";
import type { Page } from "./store/page.ts";
import type {
  EnqueueReceipt,
  Task,
  TaskFilter,
  TaskInput,
  TaskSummary,
  TaskWithDeliveries,
} from "./task/task.ts";
import type { Worker } from "./worker/worker.ts";
import { createWorker } from "./worker/worker.ts";
import type { WorkerOptions } from "./worker/worker-options.ts";

export interface TasksOptions {
  /** Migrated with `tasksMigrations(schema)`. */
  readonly database: Database;
  readonly dispatchers: DispatcherRegistry;
  /** The Postgres schema of the tables. Default `tasks`. */
  readonly schema?: string;
  /** What tasks of a type get when their maker says nothing. */
  readonly types?: Readonly<Record<string, TaskTypeOptions>>;
  /** Where a task's result goes when its maker did not say. Default: nowhere. */
  readonly resolveTarget?: ResolveTarget;
  /** Who speaks in a delivery, asked when it is sent. Default: nobody in particular. */
  readonly resolveBot?: ResolveBot;
  /** Where a result's file can be fetched, for dispatchers that cannot carry files. Default: a note in the text. */
  readonly fileLink?: ResolveFileLink;
  /** Told of every task's end, as `after_task_complete`. What must not be lost belongs into a delivery instead. */
  readonly hooks?: Pick<Hooks, "emit">;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly logger?: Logger;
}

export interface EnqueueOptions {
  /** The caller's own transaction: the task exists if and only if it commits. */
  readonly trx?: Transaction<unknown>;
}

/** Durable tasks and the deliveries of their results. */
export interface Tasks {
  /**
   * Stores a task; when the promise resolves without `trx`, the task survives a crash.
   * @throws TasksError TASK_INVALID, DISPATCH_TYPE_UNKNOWN, DISPATCH_TARGET_INVALID, TASK_IDEMPOTENCY_CONFLICT
   */
  enqueue(input: TaskInput, options?: EnqueueOptions): Promise<EnqueueReceipt>;
  get(id: string): Promise<TaskWithDeliveries | null>;
  /** Newest first, without what may be long. @throws TasksError CURSOR_INVALID */
  list(filter?: TaskFilter): Promise<Page<TaskSummary>>;
  /** @throws TasksError CURSOR_INVALID */
  listDeliveries(filter?: DeliveryFilter): Promise<Page<DeliveryRecord>>;
  createWorker(options: WorkerOptions): Worker;
}

export function createTasks(options: TasksOptions): Tasks {
  const { database, dispatchers, types = {}, clock = systemClock, random = Math.random } = options;
  const { resolveTarget = nowhere, resolveBot = nobody, fileLink = noLink, logger = silentLogger } = options;
  const store = createStore(database, options.schema ?? DEFAULT_SCHEMA);
  const workers: Worker[] = [];

  return {
    async enqueue(input, { trx } = {}) {
      assertTaskInput(input);
      const plan = await planDispatch(input, dispatchers, () => resolveTarget(input, trx ? { trx } : {}));
      const settings = settingsOf(input.type ?? AGENT_TYPE);
      if (trx !== undefined) return insertTask(store.join(trx), input, plan, settings);
      const receipt = await store.transaction((own) => insertTask(own, input, plan, settings));
      for (const worker of workers) worker.nudge();
      return receipt;
    },
    async get(id) {
      if (!isUuid(id)) return null;
      return store.snapshot(async (trx) => {
        const task = await readTask(trx, id);
        return task && { ...task, deliveries: await deliveriesOfTask(trx, id) };
      });
    },
    list: (filter = {}) => listTasks(store.db, filter),
    listDeliveries: (filter = {}) => listDeliveries(store.db, filter),
    createWorker(workerOptions) {
      const ruleOf = (type: string) => settingsOf(type).retry;
      const worker = createWorker(workerOptions, {
        store,
        dispatchers,
        resolveBot,
        fileLink,
        ruleOf,
        onTaskEnded,
        clock,
        random,
        logger,
      });
      workers.push(worker);
      return worker;
    },
  };

  function onTaskEnded(task: Task, status: "complete" | "failed"): void {
    const { id, type, reason } = task;
    options.hooks?.emit("after_task_complete", hookContextOf(task), {
      task_id: id,
      task_type: type,
      reason,
      status,
    });
  }

  function settingsOf(type: string): Required<TaskTypeOptions> {
    return taskTypeSettings(type, types[type]);
  }
}

const nowhere: ResolveTarget = () => Promise.resolve(null);
const nobody: ResolveBot = () => Promise.resolve(null);
const noLink: ResolveFileLink = () => null;
