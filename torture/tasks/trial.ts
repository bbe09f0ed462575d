import { setTimeout as sleep } from "node:timers/promises";
import type { Fleet, FleetOptions } from "./fleet.ts";
import { startFleet } from "./fleet.ts";
import type { TaskQueue } from "./task-queue.ts";
import { openTaskQueue } from "./task-queue.ts";
import { judge } from "./verdict.ts";

/** What a scenario found. Without faults the engine has kept its promises. */
export interface Report {
  readonly counts: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

export interface TrialOptions extends FleetOptions {
  /** Makes tasks and makes trouble; what it gives back goes into the report. */
  readonly ordeal: (queue: TaskQueue, fleet: Fleet) => Promise<Report>;
  /** Asked when all work has come to its end. */
  readonly measure?: (queue: TaskQueue) => Promise<Report["counts"]>;
  readonly onProgress?: (line: string) => void;
}

const STUCK_AFTER_MS = 45_000;
const LOOK_MS = 200;

/** Starts workers, lets the ordeal pass over them, waits until all work has come to its end, and judges. */
export async function runTrial(options: TrialOptions): Promise<Report> {
  const { ordeal, measure = async () => ({}), onProgress = () => undefined } = options;
  const queue = await openTaskQueue(options.url);
  const fleet = await startFleet(options);
  try {
    const passed = await ordeal(queue, fleet);
    await comeToRest(() => queue.progress(), onProgress);
    const surprises = await fleet.stop();
    const { counts, faults } = await judge(queue.database, queue.ids);
    return {
      counts: { ...counts, ...passed.counts, ...(await measure(queue)) },
      faults: [...passed.faults, ...surprises, ...faults],
    };
  } finally {
    await fleet.kill();
    await queue.close();
  }
}

/** Waits until nothing is open, or until nothing has moved for so long that something must be stuck. */
export async function comeToRest(
  progress: () => Promise<{ readonly open: number; readonly steps: number }>,
  onProgress: (line: string) => void,
): Promise<void> {
  let last = -1;
  let movedAt = performance.now();
  for (;;) {
    const { open, steps } = await progress();
    if (open === 0) return;
    if (steps !== last) movedAt = performance.now();
    if (performance.now() - movedAt > STUCK_AFTER_MS) return;
    last = steps;
    onProgress(`${open} tasks to go`);
    await sleep(LOOK_MS);
  }
}
