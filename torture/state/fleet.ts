import { setTimeout as sleep } from "node:timers/promises";
import { comesTrue } from "../tasks/patiently.ts";
import type { MutatorChild } from "./mutator-child.ts";

/** So many processes that update at any time, whoever of them is killed. */
export interface Fleet {
  /** Ends one of them by lot with -9, at a random moment; another takes its place at once. */
  killOne(): Promise<void>;
  /** What ended without being asked. */
  surprises(): readonly string[];
  end(): Promise<void>;
}

export interface FleetOptions {
  readonly size: number;
  /** The longest time from one kill to the next; the mean is half of it. */
  readonly paceMs: number;
  readonly random: () => number;
  readonly start: () => MutatorChild;
}

const SPARES = 2;

/** Resolves when all of them update. */
export async function startFleet({ size, paceMs, random, start }: FleetOptions): Promise<Fleet> {
  // They have started and wait: a process takes much longer to start than a lock to be free.
  const spares = Array.from({ length: size + SPARES }, start);
  const places: MutatorChild[] = [];
  const surprises: string[] = [];
  for (let place = 0; place < size; place += 1) await send(place);
  await comesTrue(async () => places.every((child) => child.isUnderWay()));

  async function send(place: number): Promise<void> {
    const child = spares.shift() ?? start();
    await child.ready;
    places[place] = child;
    child.begin();
  }

  async function victim(): Promise<MutatorChild> {
    const working = (): MutatorChild[] => places.filter((child) => child.isUnderWay());
    if (!(await comesTrue(async () => working().length > 0))) throw new Error("Nobody updates any more.");
    const found = working();
    const child = found[Math.floor(random() * found.length)];
    return child ?? victim();
  }

  return {
    async killOne() {
      await spares[0]?.ready;
      await sleep(random() * paceMs);
      const child = await victim();
      surprises.push(...[child.surprise() ?? []].flat());
      const killed = child.kill();
      await send(places.indexOf(child));
      spares.push(start());
      await killed;
    },
    surprises: () => surprises,
    async end() {
      await Promise.all([...places, ...spares].map((child) => child.kill()));
    },
  };
}
