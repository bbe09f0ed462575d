import type { FigureName } from "../report/figures.ts";
import type { Place, QueueSide, Use } from "../sides/queue-side.ts";
import type { SideName } from "../sides/sides.ts";

/** How much is done. */
export interface Scale {
  readonly tasks: number;
  readonly slots: number;
  readonly callers: number;
  readonly lanes: number;
  readonly pickUps: number;
  /** Rows that have ended while a snapshot still sees them. */
  readonly deadRows: number;
  /** Rows that have ended and are kept. */
  readonly finishedRows: number;
  /** After this a slow side is stopped, and what it did counts. */
  readonly limitMs: number;
}

export const fullScale: Scale = {
  tasks: 20_000,
  slots: 24,
  callers: 10,
  lanes: 100,
  pickUps: 300,
  deadRows: 100_000,
  finishedRows: 1_000_000,
  limitMs: 20_000,
};

/** To try it out: its figures say nothing. */
export const quickScale: Scale = {
  ...fullScale,
  tasks: 2_000,
  pickUps: 40,
  deadRows: 10_000,
  finishedRows: 20_000,
  limitMs: 5_000,
};

/** What one side does in one process. */
export interface Bench {
  readonly place: Place;
  readonly scale: Scale;
  /** What is left open ends with the process. */
  open(): Promise<QueueSide>;
}

/** @throws Error when the place is no server */
export function addressOf(place: Place): string {
  if ("url" in place) return place.url;
  throw new Error("This is measured on a Postgres server only.");
}

export type Figures = Readonly<Partial<Record<FigureName, number>>>;

/** One thing that is measured, of each side in a process and a database of its own. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** How it is measured, for the reader of the results. */
  readonly text: string;
  readonly engine: "postgres" | "pglite";
  readonly use: Use;
  readonly sides: readonly SideName[];
  /** The figures in the order of the table. */
  readonly figures: readonly FigureName[];
  measure(bench: Bench): Promise<Figures>;
}
