import { seededRandom } from "./random.ts";
import { workFor } from "./task-mix.ts";
import type { Report } from "./trial.ts";
import { runTrial } from "./trial.ts";

export interface SessionsOptions {
  readonly url: string;
  readonly lanes: number;
  readonly tasksPerLane: number;
  readonly workers: number;
  readonly onProgress?: (line: string) => void;
}

const LONGEST_WORK_MS = 4;

/** Many sessions at once: the tasks of each lane have to run in the order of their making, never two at a time. */
export async function runSessions(options: SessionsOptions): Promise<Report> {
  const { lanes, tasksPerLane } = options;
  const random = seededRandom(1);
  return runTrial({
    ...options,
    timing: {},
    async ordeal(queue, fleet) {
      for (let turn = 0; turn < tasksPerLane; turn += 1) {
        const tasks = Array.from({ length: lanes }, (_, lane) =>
          workFor(LONGEST_WORK_MS * random(), `session-${lane}`),
        );
        await queue.add(tasks);
      }
      return { counts: { lanes }, faults: fleet.surprises() };
    },
  });
}
