import type { Database } from "@core/database";
import type { Clock, DispatcherRegistry, Hooks, Logger } from "@core/registry";
import type { Deliveries } from "./delivery/deliveries.ts";
import type { ResolveBot } from "./delivery/delivery-run.ts";
import type { ResolveFileLink } from "./delivery/unsupported-files.ts";
import type { Limits } from "./limit/limits.ts";
import type { Pauses } from "./limit/pauses.ts";
import type { Schedules } from "./schedule/schedules.ts";
import type { CancelFilter } from "./task/cancel.ts";
import type { ResolveTarget } from "./task/dispatch-plan.ts";
import type { RedriveFilter, RedriveOptions } from "./task/retry.ts";
import type { OwnTransaction } from "./store/sql-runner.ts";
import type { PruneRequest } from "./retention/prune.ts";
import type { Retention } from "./retention/retention.ts";
import type { QueueStats } from "./task/task-stats.ts";
import type { Diagnostics } from "./telemetry/diagnostics.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";
import type { ResolveTimeout } from "./task/task-maker.ts";
import type { TaskTypeOptions } from "./task/task-type.ts";
import type { FollowUps } from "./task/tasks-of-end.ts";
import type { Page } from "./store/page.ts";
import type {
  CancelAnswer,
  EnqueueReceipt,
  RetryAnswer,
  TaskFilter,
  TaskInput,
  TaskSummary,
  TaskWithDeliveries,
} from "./task/task.ts";
import type { TaskEvents } from "./watch/event-feed.ts";
import type { Watching } from "./watch/watching.ts";
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
  /** Says which tasks follow the end of a task; stored in its transaction. Default: none. */
  readonly followUps?: FollowUps;
  /** Told of every task's end, as `after_task_complete`. What must not be lost belongs into a delivery instead. */
  readonly hooks?: Pick<Hooks, "emit">;
  /** How long ended tasks of all types are kept, unless their type says otherwise. Default: for good. */
  readonly retention?: Retention;
  /** Hooks for metrics, events and errors. */
  readonly diagnostics?: Diagnostics;
  /** Traces and metrics, such as `openTelemetry()` of `@core/tasks/opentelemetry`. */
  readonly telemetry?: Telemetry;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly logger?: Logger;
}

/** Durable tasks and the deliveries of their results. */
export interface Tasks extends Pauses, Watching {
  readonly limits: Limits;
  readonly schedules: Schedules;
  /** What happens to tasks and deliveries, in whatever process, as it happens. */
  readonly events: TaskEvents;
  readonly deliveries: Deliveries;
  /**
   * Stores a task; when the promise resolves without `trx` or `client`, the task survives a crash. Calls that come at
   * the same time share a round trip.
   * @throws TasksError TASK_INVALID, DISPATCH_TYPE_UNKNOWN, DISPATCH_TARGET_INVALID, TASK_IDEMPOTENCY_CONFLICT
   */
  enqueue(input: TaskInput, options?: OwnTransaction): Promise<EnqueueReceipt>;
  /** Stores all or none, a thousand in one round trip, and gives their receipts in order. @throws as `enqueue` */
  enqueueMany(inputs: readonly TaskInput[], options?: OwnTransaction): Promise<readonly EnqueueReceipt[]>;
  get(id: string): Promise<TaskWithDeliveries | null>;
  /** Newest first, without what may be long. @throws TasksError CURSOR_INVALID */
  list(filter?: TaskFilter): Promise<Page<TaskSummary>>;
  /** Cancels a task: at once if it has not begun, else by aborting its handler's signal, on whatever worker it runs. */
  cancel(id: string): Promise<CancelAnswer>;
  /** Cancels all of a lane, a session or a family that run or would run now; those planned for later are left alone. */
  cancelAll(which: CancelFilter): Promise<number>;
  /**
   * Lets a task that failed or was cancelled run again at once, with all its attempts, behind those that wait in its lane.
   * Its errors and deliveries stay; its new end makes a delivery of its own.
   */
  retry(id: string): Promise<RetryAnswer>;
  /** Does so with all that fit, each of them once, 500 per transaction, and gives back how many those were. */
  redrive(filter: RedriveFilter, options?: RedriveOptions): Promise<number>;
  /** What lives in the queues, what has ended within the last hour, and who works; fast whatever the history. */
  stats(): Promise<QueueStats>;
  /**
   * Removes tasks that ended long ago, with their results and deliveries, a thousand at a time, and gives back how many.
   * Those with a delivery that has not ended stay. Idempotency keys of removed tasks are free again.
   * @throws TasksError OPTIONS_INVALID
   */
  prune(request: PruneRequest): Promise<number>;
  createWorker(options: WorkerOptions): Worker;
}
