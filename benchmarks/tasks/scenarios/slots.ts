import { setTimeout as delay } from "node:timers/promises";
import { fill } from "../measuring/filling.ts";
import { vacuumAnalyze } from "../measuring/maintenance.ts";
import { warmUp } from "../measuring/warm-up.ts";
import { workOff } from "../measuring/work-off.ts";
import { addressOf, type Scenario } from "./scenario.ts";

/** Whether all slots always have a task while there are tasks. */
export const slots: Scenario = {
  name: "slots",
  title: "Slots kept full, 1–20 ms waits",
  text: "Each task waits for 1 to 20 ms. The sum of all handlers' times, divided by the slots and the time that passed.",
  engine: "postgres",
  use: "slots",
  sides: ["ours", "graphile", "graphile-default", "pg-boss", "pg-boss-default"],
  figures: ["kept", "tasks"],
  async measure({ open, place, scale }) {
    const side = await open();
    await warmUp(side, scale.slots);
    await fill(side, scale.tasks);
    await vacuumAnalyze(addressOf(place));
    let busyMs = 0;
    const { handled, handlingSeconds } = await workOff(side, {
      ...scale,
      jobs: scale.tasks,
      async handler({ n }) {
        const begin = performance.now();
        await delay(1 + ((n * 7_919) % 20));
        busyMs += performance.now() - begin;
        return { ok: n };
      },
    });
    return {
      kept: busyMs / 1_000 / (scale.slots * handlingSeconds),
      tasks: handled,
    };
  },
};
