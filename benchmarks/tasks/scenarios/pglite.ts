import { drainOnly } from "./drain.ts";
import { enqueueByCallers } from "./enqueue.ts";
import { delaysOf } from "./pick-up.ts";
import type { Scenario } from "./scenario.ts";

const onDisk = { engine: "pglite", sides: ["ours", "pg-boss"] } as const;
const text = "As above, with PGlite in a folder of the same process.";

export const pgliteDrain: Scenario = {
  ...onDisk,
  name: "pglite-drain",
  title: "PGlite on disk: drain",
  text,
  use: "throughput",
  figures: ["rate", "tasks", "cpu"],
  measure: drainOnly,
};

export const pgliteEnqueue: Scenario = {
  ...onDisk,
  name: "pglite-enqueue",
  title: "PGlite on disk: enqueue one by one, 10 callers",
  text,
  use: "throughput",
  figures: ["rate", "tasks"],
  measure: enqueueByCallers,
};

export const pglitePickUp: Scenario = {
  ...onDisk,
  name: "pglite-pick-up",
  title: "PGlite on disk: idle pick-up",
  text,
  use: "pick-up",
  figures: ["p50", "p99", "tasks"],
  async measure({ open, scale }) {
    const side = await open();
    return delaysOf(side, side, scale);
  },
};
