/** How long a worker may be silent. Nothing given: the engine's defaults. */
export interface Timing {
  readonly heartbeatMs?: number;
  readonly deadAfterMs?: number;
}

/** What a worker process is told at its start. */
export interface WorkerPlan {
  /** The name of this process, over one life, in `torture.step` and in `pg_stat_activity`. */
  readonly app: string;
  readonly database: { readonly url: string } | { readonly dataDir: string };
  readonly workerId: string;
  readonly concurrency: number;
  readonly pollMs: number;
  readonly timing: Timing;
  /** It makes so many tasks itself and tells of each that is acknowledged. */
  readonly feed?: number;
}

/** What a process is told that delivers and does nothing else. */
export interface DelivererPlan extends Pick<WorkerPlan, "app" | "workerId" | "timing"> {
  readonly url: string;
  /** Where it posts to. */
  readonly receiver: string;
}

export type ToWorker =
  | { readonly do: "stop"; readonly graceMs: number }
  | { readonly do: "skew"; readonly byMs: number };

export type FromWorker =
  /** `held`: tasks that were running before it started; `orphans`: those of them that nobody has taken back. */
  | { readonly is: "ready"; readonly held: number; readonly orphans: number }
  | { readonly is: "acknowledged"; readonly id: string }
  | { readonly is: "progress"; readonly open: number; readonly steps: number };
