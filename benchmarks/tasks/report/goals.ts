import type { SideName } from "../sides/sides.ts";
import type { FigureName } from "./figures.ts";

/** What a figure of ours is to reach. */
export interface Goal {
  readonly title: string;
  readonly scenario: string;
  readonly figure: FigureName;
  /** Ours is divided by the best of these; none: the figure itself is judged. */
  readonly against: readonly SideName[];
  /** Whether a higher quotient is better, or a lower one. */
  readonly better: "more" | "less";
  readonly goal: number;
  readonly floor: number;
  /** Figures that must be 0 besides; a peer that fails them is left out if another does not. */
  readonly zero?: readonly FigureName[];
}

const graphile = ["graphile", "graphile-default"] as const;
const pgBoss = ["pg-boss", "pg-boss-default"] as const;
const all = [...graphile, ...pgBoss];

const more = { figure: "rate", better: "more" } as const;
const sooner = { against: all, better: "less" } as const;
const itself = { against: [] } as const;

export const goals: readonly Goal[] = [
  {
    ...more,
    title: "enqueue one by one, 10 callers",
    scenario: "enqueue-one",
    against: all,
    goal: 15,
    floor: 8,
  },
  {
    ...more,
    title: "enqueue 1,000 per call",
    scenario: "enqueue-many",
    against: graphile,
    goal: 1.5,
    floor: 1,
  },
  { ...more, title: "drain of no-ops", scenario: "drain", against: graphile, goal: 2, floor: 1.4 },
  {
    ...itself,
    title: "slots kept full, 1–20 ms waits",
    scenario: "slots",
    figure: "kept",
    better: "more",
    goal: 0.96,
    floor: 0.93,
  },
  { ...sooner, title: "idle pick-up, p50", scenario: "pick-up", figure: "p50", goal: 0.65, floor: 1 },
  { ...sooner, title: "idle pick-up, p99", scenario: "pick-up", figure: "p99", goal: 1, floor: 1 },
  {
    ...sooner,
    title: "idle pick-up from elsewhere, p50",
    scenario: "pick-up-elsewhere",
    figure: "p50",
    goal: 0.65,
    floor: 1,
  },
  {
    ...sooner,
    title: "idle pick-up from elsewhere, p99",
    scenario: "pick-up-elsewhere",
    figure: "p99",
    goal: 1,
    floor: 1,
  },
  {
    ...itself,
    title: "pick-up, 100,000 dead rows, pinned snapshot",
    scenario: "dead-rows",
    figure: "slowdown",
    better: "less",
    goal: 2,
    floor: 3,
  },
  {
    ...more,
    title: "lanes, 100 keys",
    scenario: "lanes",
    against: all,
    goal: 10,
    floor: 5,
    zero: ["overlaps", "disorder"],
  },
  {
    ...itself,
    title: "drain with 1,000,000 finished rows kept",
    scenario: "history",
    figure: "share",
    better: "more",
    goal: 0.9,
    floor: 0.8,
  },
  {
    ...more,
    title: "PGlite on disk: drain",
    scenario: "pglite-drain",
    against: pgBoss,
    goal: 2.5,
    floor: 1.5,
  },
  {
    ...more,
    title: "PGlite on disk: enqueue",
    scenario: "pglite-enqueue",
    against: pgBoss,
    goal: 15,
    floor: 8,
  },
  {
    title: "PGlite on disk: pick-up, p50",
    scenario: "pglite-pick-up",
    figure: "p50",
    against: pgBoss,
    better: "less",
    goal: 0.6,
    floor: 1,
  },
];
