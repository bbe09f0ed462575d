import { setImmediate as nextTurn } from "node:timers/promises";
import { vacuumAnalyze } from "../measuring/maintenance.ts";
import { workOff } from "../measuring/work-off.ts";
import type { Handler, QueueSide } from "../sides/queue-side.ts";
import { addressOf, type Figures, type Scenario } from "./scenario.ts";

/** Tasks that must run one at a time and in order, per key. */
export const lanes: Scenario = {
  name: "lanes",
  title: "Lanes, 100 keys",
  text:
    "Enqueued 100 per call, one of each key. Each handler gives way once, so that another of its lane could overlap. " +
    "An overlap is a start while one of its lane runs; out of order is a start after one with a higher number.",
  engine: "postgres",
  use: "lanes",
  sides: ["ours", "graphile", "graphile-default", "pg-boss"],
  figures: ["rate", "overlaps", "disorder", "tasks"],
  async measure({ open, place, scale: { tasks, lanes: keys, slots, limitMs } }) {
    const side = await open();
    await fillLanes(side, 2 * keys, keys);
    await workOff(side, { jobs: 2 * keys, slots, limitMs });
    await fillLanes(side, tasks, keys);
    await vacuumAnalyze(addressOf(place));
    const watch = watchLanes();
    const { handled, used } = await workOff(side, { jobs: tasks, slots, limitMs, handler: watch.handler });
    return { rate: handled / used.seconds, tasks: handled, ...watch.seen() };
  },
};

async function fillLanes(side: QueueSide, tasks: number, keys: number): Promise<void> {
  for (let first = 0; first < tasks; first += keys)
    await side.enqueueMany(
      Array.from({ length: keys }, (_, key) => ({ n: first + key, lane: `lane ${key}` })),
    );
}

interface LaneWatch {
  readonly handler: Handler;
  seen(): Required<Pick<Figures, "overlaps" | "disorder">>;
}

function watchLanes(): LaneWatch {
  const running = new Set<string>();
  const last = new Map<string, number>();
  const seen = { overlaps: 0, disorder: 0 };
  return {
    seen: () => seen,
    async handler({ n, lane = "" }) {
      if (running.has(lane)) seen.overlaps += 1;
      if (n < (last.get(lane) ?? -1)) seen.disorder += 1;
      running.add(lane);
      last.set(lane, n);
      await nextTurn();
      running.delete(lane);
      return { ok: n };
    },
  };
}
