import type { Database } from "@core/database";
import type { Clock, DispatcherRegistry, Hooks, Logger } from "@core/registry";
import type { Transaction } from "kysely";
import type { Deliveries } from "./delivery/deliveries.ts";
import type { ResolveBot } from "./delivery/delivery-run.ts";
import type { ResolveFileLink } from "./delivery/unsupported-files.ts";
import type { Limits } from "./limit/limits.ts";
import type { Pauses } from "./limit/pauses.ts";
import type { CancelFilter } from "./task/cancel.ts";
import type { ResolveTarget } from "./task/dispatch-plan.ts";
import type { PgClient } from "./store/sql-runner.ts";
import type { ResolveTimeout } from "./task/task-maker.ts";
import type { TaskTypeOptions } from "./task/task-type.ts";
import type { Page } from "./store/page.ts";
import type {
  CancelAnswer,
  EnqueueReceipt,
  TaskFilter,
  TaskInput,
  TaskSummary,
  TaskWithDeliveries,
} from "./task/task.ts";
import type { Worker } from "./worker/worker.ts";
import type { WorkerOptions } from "./worker/worker-options.ts";

export interface TasksOptions {
  /** Migrated with `tasksMigrations(schema)`. */
  readonly database: Database;
  /** Who delivers results. Default: nobody but `none`. */
  readonly dispatchers?: DispatcherRegistry;
  /** The Postgres schema of the tables. Default `tasks`. */
  readonly schema?: string;
  /** What tasks of a type get when their maker says nothing. */
  readonly types?: Readonly<Record<string, TaskTypeOptions>>;
  /** Where a task's result goes when its maker did not say. Default: nowhere. */
  readonly resolveTarget?: ResolveTarget;
  /** How long a task may run when its maker did not say. Default: as its type says. */
  readonly resolveTimeout?: ResolveTimeout;
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
  /** The caller's own transaction, of whatever Kysely: the task exists if and only if it commits. */
  readonly trx?: Transaction<unknown>;
  /** The same with a client of the package `pg` that is in a transaction. */
  readonly client?: PgClient;
}

/** Durable tasks and the deliveries of their results. */
export interface Tasks extends Pauses {
  readonly limits: Limits;
  readonly deliveries: Deliveries;
  /**
   * Stores a task; when the promise resolves without `trx` or `client`, the task survives a crash. Calls that come at
   * the same time share a round trip.
   * @throws TasksError TASK_INVALID, DISPATCH_TYPE_UNKNOWN, DISPATCH_TARGET_INVALID, TASK_IDEMPOTENCY_CONFLICT
   */
  enqueue(input: TaskInput, options?: EnqueueOptions): Promise<EnqueueReceipt>;
  /** Stores all or none, a thousand in one round trip, and gives their receipts in order. @throws as `enqueue` */
  enqueueMany(inputs: readonly TaskInput[], options?: EnqueueOptions): Promise<readonly EnqueueReceipt[]>;
  get(id: string): Promise<TaskWithDeliveries | null>;
  /** Newest first, without what may be long. @throws TasksError CURSOR_INVALID */
  list(filter?: TaskFilter): Promise<Page<TaskSummary>>;
  /** Cancels a task: at once if it has not begun, else by aborting its handler's signal, on whatever worker it runs. */
  cancel(id: string): Promise<CancelAnswer>;
  /** Cancels all of a lane or a session that run or would run now; those planned for later are left alone. */
  cancelAll(which: CancelFilter): Promise<number>;
  createWorker(options: WorkerOptions): Worker;
}
