import { fill } from "../measuring/filling.ts";
import { vacuumAnalyze } from "../measuring/maintenance.ts";
import { warmUp } from "../measuring/warm-up.ts";
import { workOff } from "../measuring/work-off.ts";
import type { QueueSide } from "../sides/queue-side.ts";
import { addressOf, type Scenario } from "./scenario.ts";

/** Whether what is kept slows down what is to be done. graphile-worker keeps nothing, so it is not asked. */
export const history: Scenario = {
  name: "history",
  title: "Drain with 1,000,000 finished rows kept",
  text:
    "A drain in an empty table; then a million tasks are done and kept; then a drain again. Before each of the two " +
    "the queue is filled, vacuumed and analysed.",
  engine: "postgres",
  use: "throughput",
  sides: ["ours", "pg-boss"],
  figures: ["share", "emptyRate", "fullRate"],
  async measure({ open, place, scale }) {
    const url = addressOf(place);
    const side = await open();
    const { seconds: startUp } = await warmUp(side, scale.slots);
    const emptyRate = await rate();
    for (let kept = 0; kept < scale.finishedRows; kept += AT_ONCE) {
      await fill(side, AT_ONCE);
      await drainAll(side, AT_ONCE, scale.slots);
    }
    const fullRate = await rate();
    return { share: fullRate / emptyRate, emptyRate, fullRate };

    async function rate(): Promise<number> {
      await fill(side, scale.tasks);
      await vacuumAnalyze(url);
      return scale.tasks / ((await drainAll(side, scale.tasks, scale.slots)) - startUp);
    }
  },
};

const AT_ONCE = 20_000;
const LIMIT_MS = 300_000;

/** Returns the seconds it took. */
async function drainAll(side: QueueSide, jobs: number, slots: number): Promise<number> {
  const { handled, used } = await workOff(side, { jobs, slots, limitMs: LIMIT_MS });
  if (handled < jobs) throw new Error(`Only ${handled} of ${jobs} tasks were done in ${LIMIT_MS / 1_000} s.`);
  return used.seconds;
}
