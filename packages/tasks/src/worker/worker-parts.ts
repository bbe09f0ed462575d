import type { Clock, DispatcherRegistry, Logger } from "@core/registry";
import type { ResolveBot } from "../delivery/delivery-run.ts";
import { createResultStreams } from "../delivery/result-stream.ts";
import type { ResolveFileLink } from "../delivery/unsupported-files.ts";
import type { Announcer } from "./announcer.ts";
import type { DeliveryEngine } from "./delivery-engine.ts";
import { createDeliveryEngine } from "./delivery-engine.ts";
import type { Liveness } from "./liveness.ts";
import { createLiveness } from "./liveness.ts";
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
import { createUpkeep } from "./upkeep.ts";
import type { WorkerOptions } from "./worker-options.ts";
import type { WorkerStats } from "./worker-stats.ts";
import { createWorkerStats } from "./worker-stats.ts";
import type { Scheduler } from "../schedule/scheduler.ts";
import type { Slots } from "./slots.ts";
import type { Upkeep } from "./upkeep.ts";
import type { WorkerSettings } from "./worker-options.ts";

export interface WorkerDeps {
  readonly store: Store;
  readonly announcer: Announcer;
  readonly dispatchers: DispatcherRegistry;
  readonly resolveBot: ResolveBot;
  readonly fileLink: ResolveFileLink;
  readonly settingsOf: (type: string) => TaskTypeSettings;
  /** No ended task is ever removed by itself. */
  readonly keepsAll: boolean;
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

/** The parts of a worker, each of which knows those that it needs. */
export interface WorkerParts {
  readonly tasks: TaskEngine;
  readonly deliveries: DeliveryEngine;
  readonly deliverySlots: Slots;
  readonly liveness: Liveness;
  readonly scheduler: Scheduler;
  readonly upkeep: Upkeep;
  readonly stats: () => WorkerStats;
}

export interface WorkerPartsOptions extends WorkerDeps {
  readonly settings: WorkerSettings;
  readonly onTaskSettled: WorkerOptions["onTaskSettled"];
  readonly isStopped: () => boolean;
  /** Nothing is tried again any more. */
  readonly isOver: () => boolean;
}

export function createWorkerParts(options: WorkerPartsOptions): WorkerParts {
  const { settings, store, isStopped, isOver } = options;
  const stats = createWorkerStats();
  const notes = createRunNotes(options);
  const onSettled = createSettledReport({
    ...options,
    stats,
    onTaskEnded,
  });
  const deliverySlots = createSlots(Number.POSITIVE_INFINITY, () => undefined);
  const hopeless = (): boolean => liveness.lost || isOver();
  const identity = (): ReturnType<Liveness["identity"]> => liveness.identity();
  const tasks: TaskEngine = createTaskEngine({
    ...options,
    ...settings,
    identity,
    hopeless,
    notes,
    onSettled,
    streamOf: createResultStreams(options),
    childrenOf: (taskId) => readChildren(store.db, taskId),
    onFreed: options.announcer.announce,
  });
  const liveness: Liveness = createLiveness({
    ...options,
    ...settings,
    types: Object.keys(settings.handlers),
    tasks,
    deliverySlots,
    storeNotes: notes.store,
    onSettled,
    onRecovered() {
      tasks.lookBehind();
      deliveries.look();
    },
  });
  const upkeep = createUpkeep(options);
  const deliveries: DeliveryEngine = createDeliveryEngine({
    ...options,
    ...settings,
    slots: deliverySlots,
    identity,
    isLeaving: () => isStopped() || liveness.lost,
    hopeless,
  });
  const scheduler = createScheduler({
    ...options,
    onTasks: options.onTasksMade,
    isLeaving: () => !settings.schedules || isStopped() || liveness.lost,
  });

  return {
    tasks,
    deliveries,
    deliverySlots,
    liveness,
    scheduler,
    upkeep,
    stats: () => stats.read({ tasks: tasks.size, deliveries: deliverySlots.size }),
  };

  function onTaskEnded(task: Task, status: "complete" | "failed"): void {
    if (task.dispatch_type !== "none") options.onDeliveryMade(task.dispatch_type);
    options.onTaskEnded(task, status);
  }
}
