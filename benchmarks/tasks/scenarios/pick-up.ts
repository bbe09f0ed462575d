import { percentile } from "../measuring/statistics.ts";
import { startPickUps } from "../measuring/pick-ups.ts";
import type { QueueSide } from "../sides/queue-side.ts";
import type { Figures, Scale, Scenario } from "./scenario.ts";

/** How soon an idle worker notices a task that its own process enqueues. */
export const pickUp: Scenario = {
  name: "pick-up",
  title: "Idle pick-up, enqueued by the worker's process",
  text:
    "From before the call that enqueues to the start of the handler; one task at a time, with pauses of 20 to 60 ms " +
    "(of a slow side, up to its last delay).",
  engine: "postgres",
  use: "pick-up",
  sides: ["ours", "graphile", "graphile-default", "pg-boss", "pg-boss-default"],
  figures: ["p50", "p99", "tasks"],
  async measure({ open, scale }) {
    const side = await open();
    return delaysOf(side, side, scale);
  },
};

/** The same where the one who enqueues shares nothing with the worker but the database. */
export const pickUpElsewhere: Scenario = {
  ...pickUp,
  name: "pick-up-elsewhere",
  title: "Idle pick-up, enqueued elsewhere",
  text: "The same, but enqueued through a second instance with connections of its own, as from another process.",
  async measure({ open, scale }) {
    return delaysOf(await open(), await open(), scale);
  },
};

/** Also on PGlite. */
export async function delaysOf(worker: QueueSide, maker: QueueSide, scale: Scale): Promise<Figures> {
  const pickUps = await startPickUps(worker, maker, scale.slots);
  await pickUps.measure(30, 2_000);
  const delays = await pickUps.measure(scale.pickUps, scale.limitMs);
  await pickUps.stop();
  return { p50: percentile(delays, 0.5), p99: percentile(delays, 0.99), tasks: delays.length };
}
