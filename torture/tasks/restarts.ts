import { setTimeout as sleep } from "node:timers/promises";
import { comesTrue } from "./patiently.ts";
import { startInflow } from "./inflow.ts";
import { seededRandom } from "./random.ts";
import type { RestartDatabase } from "./server.ts";
import type { TaskQueue } from "./task-queue.ts";
import type { Report } from "./trial.ts";
import { runTrial } from "./trial.ts";
import type { Timing } from "./worker-plan.ts";

export interface RestartsOptions {
  readonly url: string;
  readonly restart: RestartDatabase;
  readonly restarts: number;
  readonly workers: number;
  readonly timing: Timing;
  /** The longest that the database stays away. */
  readonly longestDownMs: number;
  /** How long they work between two restarts, give or take a half. */
  readonly upMs: number;
  readonly random?: () => number;
  readonly onProgress?: (line: string) => void;
}

/** Crashes and restarts the database under working workers: the processes have to live on, and nothing may be lost. */
export async function runRestarts(options: RestartsOptions): Promise<Report> {
  const { restart, restarts, longestDownMs, upMs, random = seededRandom(1) } = options;
  const { onProgress = () => undefined } = options;
  return runTrial({
    ...options,
    async ordeal(queue, fleet) {
      const endInflow = startInflow(queue, 40, random);
      const faults: string[] = [];
      for (let done = 0; done < restarts; done += 1) {
        await sleep(upMs * (0.5 + random()));
        await restart(longestDownMs * random());
        if (!(await worksOn(queue))) faults.push(`nothing moves after restart ${done + 1}`);
        onProgress(`${done + 1} restarts`);
      }
      await endInflow();
      return { counts: { restarts }, faults: [...faults, ...fleet.surprises()] };
    },
  });
}

/** Whether tasks still come to their end. */
async function worksOn(queue: TaskQueue): Promise<boolean> {
  const { steps } = await queue.progress();
  return comesTrue(async () => (await queue.progress()).steps > steps);
}
