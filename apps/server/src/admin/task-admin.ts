import type {
  CancelAnswer,
  Page,
  QueueStats,
  RedriveFilter,
  RedriveOptions,
  RetryAnswer,
  TaskFilter,
  Tasks,
} from "@core/tasks";

/** A task or its like as it travels. */
export type WireDocument = Readonly<Record<string, unknown>>;

/** The figures of the queue as they travel; `--json` shows all of them. */
export type WireStats = Pick<QueueStats, "tasks" | "deliveries" | "workers">;

/** What is done to the tasks of a server by hand, in its database or through its API. */
export interface TaskAdmin extends AsyncDisposable {
  stats(): Promise<WireStats>;
  list(filter: TaskFilter): Promise<Page<WireDocument>>;
  /** With its deliveries; null when there is none. */
  show(id: string): Promise<WireDocument | null>;
  retry(id: string): Promise<RetryAnswer>;
  cancel(id: string): Promise<CancelAnswer>;
  redrive(filter: RedriveFilter, options: RedriveOptions): Promise<number>;
  prune(options: PruneOptions): Promise<number>;
}

export type PruneOptions = Parameters<Tasks["prune"]>[0];
