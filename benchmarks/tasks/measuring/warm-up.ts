import type { QueueSide } from "../sides/queue-side.ts";
import { fill, PER_CALL } from "./filling.ts";
import { median } from "./statistics.ts";
import { workOff, type Used } from "./work-off.ts";

/**
 * Has the side do some work before it is measured, so that the engine has compiled it; a slow one does less. Returns
 * what it takes to start a worker until it begins the only job there is.
 */
export async function warmUp(side: QueueSide, slots: number): Promise<Used> {
  for (const jobs of [slots, 2 * slots, PER_CALL, PER_CALL]) {
    const begin = performance.now();
    await fill(side, jobs);
    await workOff(side, { jobs, slots, limitMs: LIMIT_MS });
    if (performance.now() - begin > 1_000) break;
  }
  return timeStart(side, slots);
}

const LIMIT_MS = 30_000;

async function timeStart(side: QueueSide, slots: number): Promise<Used> {
  const starts: Used[] = [];
  for (let n = 0; n < 5; n += 1) {
    await fill(side, 1);
    starts.push((await workOff(side, { jobs: 1, slots, limitMs: LIMIT_MS })).untilFirst);
  }
  return {
    seconds: median(starts.map(({ seconds }) => seconds)),
    cpuMs: median(starts.map(({ cpuMs }) => cpuMs)),
  };
}
