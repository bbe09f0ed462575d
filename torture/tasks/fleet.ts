import { randomUUID } from "node:crypto";
import type { WorkerChild } from "./worker-child.ts";
import { startWorkerChild } from "./worker-child.ts";
import type { Timing } from "./worker-plan.ts";

export interface FleetOptions {
  readonly url: string;
  readonly workers: number;
  readonly timing: Timing;
  /** Tasks at once in each. */
  readonly concurrency?: number;
}

/** Worker processes, each in a place of its own where one may follow another. */
export interface Fleet {
  readonly size: number;
  at(place: number): WorkerChild;
  /** Starts one in a place, by default under a new id, and waits until it works. The former one is left alone. */
  start(options: { readonly place: number; readonly workerId?: string }): Promise<WorkerChild>;
  /** What ended without being asked since the last question. */
  surprises(): readonly string[];
  /** Stops all cleanly; what went wrong with that, or before. */
  stop(): Promise<readonly string[]>;
  /** Ends with -9 what still lives. */
  kill(): Promise<void>;
}

const POLL_MS = 200;

export async function startFleet({ url, workers, timing, concurrency = 8 }: FleetOptions): Promise<Fleet> {
  const places: WorkerChild[] = [];
  const alive = new Set<WorkerChild>();
  let lives = 0;
  await Promise.all(Array.from({ length: workers }, (_, place) => start({ place })));
  return { size: workers, at, start, surprises, stop, kill };

  function at(place: number): WorkerChild {
    const child = places[place];
    if (child === undefined) throw new Error(`There is no worker at place ${place}.`);
    return child;
  }

  async function start({
    place,
    workerId = randomUUID(),
  }: Parameters<Fleet["start"]>[0]): Promise<WorkerChild> {
    const app = `worker ${(lives += 1)}`;
    const child = startWorkerChild({
      app,
      workerId,
      database: { url },
      concurrency,
      pollMs: POLL_MS,
      timing,
    });
    alive.add(child);
    places[place] = child;
    await child.ready;
    return child;
  }

  function surprises(): readonly string[] {
    const ended = [...alive].filter((child) => child.hasEnded());
    for (const child of ended) alive.delete(child);
    return ended.flatMap((child) => child.surprise() ?? []);
  }

  async function stop(): Promise<readonly string[]> {
    const found = surprises();
    const ends = await Promise.allSettled([...alive].map((child) => child.stop()));
    return [...found, ...ends.flatMap((end) => (end.status === "rejected" ? String(end.reason) : []))];
  }

  async function kill(): Promise<void> {
    await Promise.all([...alive].filter((child) => !child.hasEnded()).map((child) => child.kill()));
  }
}
