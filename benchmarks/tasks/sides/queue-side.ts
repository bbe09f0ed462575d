/** A task of the benchmark: its number tells it from the others. */
export interface Job {
  readonly n: number;
  /** Jobs of one lane run one at a time, in the order of their numbers. */
  readonly lane?: string;
}

/** Runs one job; what it gives back is the job's result. */
export type Handler = (job: Job) => unknown;

/** Where the tables are. */
export type Place = { readonly url: string } | { readonly dataDir: string };

/** What a side is to be good at: some have other settings for each. */
export type Use = "throughput" | "slots" | "pick-up" | "lanes";

/** One queue, ready to take jobs: what every scenario needs of every library, and nothing more. */
export interface QueueSide {
  /** Resolves when the job is committed. */
  enqueueOne(job: Job): Promise<unknown>;
  /** Resolves when all of them are committed, by one call of the library. */
  enqueueMany(jobs: readonly Job[]): Promise<unknown>;
  /** Begins to run jobs, `slots` at once. The returned function ends it when what it holds is written. */
  work(handler: Handler, slots: number): Promise<() => Promise<void>>;
  /** Whether ends of jobs that were handled are still to be written. Cheap, for it is asked against the clock. */
  isWriting(): Promise<boolean>;
  /** How many jobs have not ended, counted in the tables. */
  unfinished(): Promise<number>;
  close(): Promise<void>;
}

/** A library in one configuration. */
export interface SideDefinition {
  readonly title: string;
  readonly role: "ours" | "peer";
  /** Its configuration in words, for the reader of the results. */
  describe(use: Use): string;
  /** Makes what tables are missing. May be called twice: then the two are as two processes. */
  open(place: Place, use: Use): Promise<QueueSide>;
}
