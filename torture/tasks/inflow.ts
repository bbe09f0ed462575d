import { setTimeout as sleep } from "node:timers/promises";
import { mixedTask } from "./task-mix.ts";
import type { TaskQueue } from "./task-queue.ts";

const EVERY_MS = 250;

/**
 * Makes so many tasks of the mixture a second, through outages too, until the returned function is called; it
 * resolves when the last of them is acknowledged.
 */
export function startInflow(queue: TaskQueue, perSecond: number, random: () => number): () => Promise<void> {
  const ending = new AbortController();
  let made = 0;
  const flow = run();
  // Awaited by who ends it; until then a failure only waits.
  flow.catch(() => undefined);
  return () => {
    ending.abort();
    return flow;
  };

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      const count = Math.max(1, Math.round((perSecond * EVERY_MS) / 1_000));
      await queue.add(Array.from({ length: count }, () => mixedTask((made += 1), random)));
      await sleep(EVERY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  }
}
