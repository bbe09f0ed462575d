/** What a limit or a pause applies to: tasks of a type, of a queue, or of a `limit_key`. */
export type LimitScope = "type" | "queue" | "key";

/** The same with the name of the one. */
export type LimitTarget = { readonly type: string } | { readonly queue: string } | { readonly key: string };

/**
 * What happens to a new task that finds `concurrency` full, counting those that run and those that have their turn.
 * `queue` (default): it waits. `skip`: it is stored as cancelled. `cancel_running`: the oldest are cancelled for it, at
 * once if they wait, else by aborting their handlers' signals.
 */
export type LimitStrategy = "queue" | "skip" | "cancel_running";

/** So many may start at once, and then one in each `per_ms / count`. */
export interface Rate {
  readonly count: number;
  readonly per_ms: number;
}

/** How many tasks run at once and how many start in a time, over all workers: at least one of both. */
export type LimitInput = LimitTarget & {
  readonly concurrency?: number;
  readonly rate?: Rate;
  /** Needs `concurrency`, unless it is `queue`. */
  readonly strategy?: LimitStrategy;
};

/** A limit as it is read. */
export type Limit = LimitTarget & {
  readonly concurrency: number | null;
  readonly rate: Rate | null;
  readonly strategy: LimitStrategy;
};

export type Pause = LimitTarget & { readonly paused_at: Date };
