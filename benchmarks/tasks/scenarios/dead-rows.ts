import { pinSnapshot, vacuumAnalyze } from "../measuring/maintenance.ts";
import { startPickUps } from "../measuring/pick-ups.ts";
import { median } from "../measuring/statistics.ts";
import { addressOf, type Scenario } from "./scenario.ts";

/** How soon a task is noticed while a long transaction keeps everything that has ended from being cleaned up. */
export const deadRows: Scenario = {
  name: "dead-rows",
  title: "Pick-up with 100,000 dead rows and a pinned snapshot",
  text:
    "The p50 of pick-ups; then a session opens a repeatable-read transaction, the same worker does 100,000 tasks, " +
    "the database is vacuumed in vain and analysed, and pick-ups are measured again.",
  engine: "postgres",
  use: "pick-up",
  sides: ["ours", "graphile", "pg-boss"],
  figures: ["slowdown", "freshP50", "deadP50"],
  async measure({ open, place, scale }) {
    const url = addressOf(place);
    const side = await open();
    const pickUps = await startPickUps(side, side, scale.slots);
    await pickUps.measure(30, 2_000);
    const fresh = median(await pickUps.measure(scale.pickUps, scale.limitMs));
    const unpin = await pinSnapshot(url);
    await pickUps.pass(scale.deadRows);
    await vacuumAnalyze(url);
    const dead = median(await pickUps.measure(scale.pickUps, scale.limitMs));
    await unpin();
    await pickUps.stop();
    return { slowdown: dead / fresh, freshP50: fresh, deadP50: dead };
  },
};
