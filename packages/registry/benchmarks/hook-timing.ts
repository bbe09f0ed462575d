import { do_not_optimize, measure } from "mitata";
import type { Audience, Side } from "./hook-sides.ts";
import { createSides, HEARD, UNHEARD } from "./hook-sides.ts";

/** What one call of one side takes, in µs. */
export interface Timing extends Pick<Side, "name" | "role"> {
  /** Until the call returns to who fired. */
  readonly call: number;
  /** Until all listeners have run; null where there are none. */
  readonly whole: number | null;
}

export interface Timings {
  readonly heard: readonly Timing[];
  readonly unheard: readonly Timing[];
}

/** Times the event with listeners, and then those without, when the engine has seen each side at work. */
export async function timeSides(size: number, kind: Audience["kind"], rounds: number): Promise<Timings> {
  let heard = 0;
  const audience: Audience =
    kind === "synchronous"
      ? { size, kind, listener: () => void (heard += 1) }
      : { size, kind, listener: async () => void (heard += 1) };
  const sides = createSides(audience);
  return {
    heard: await inTurns(sides, rounds, timeHeard),
    unheard: await inTurns(sides, rounds, timeUnheard),
  };

  async function timeHeard(side: Side): Promise<Timing> {
    heard = 0;
    const { calls, whole } = await timeCalls(side);
    const due = side.role === "nothing" ? 0 : calls.length * size;
    if (heard !== due) throw new Error(`${side.name}: ${heard} listeners ran instead of ${due}.`);
    return { name: side.name, role: side.role, call: median(calls) / NS_PER_US, whole: whole / NS_PER_US };
  }
}

/** One list out of several of the same sides: the median of each figure. */
export function medianTimings(lists: readonly (readonly Timing[])[]): readonly Timing[] {
  const [first = []] = lists;
  return first.map(({ name, role }) => {
    const same = lists.flat().filter((timing) => timing.name === name);
    const wholes = same.flatMap(({ whole }) => whole ?? []);
    return {
      name,
      role,
      call: median(same.map(({ call }) => call)),
      whole: wholes.length === 0 ? null : median(wholes),
    };
  });
}

const NS_PER_US = 1_000;
const NS_PER_MS = 1_000_000;

/** Times all sides in each round, every other time backwards, so that what slows the machine slows them all. */
async function inTurns(
  sides: readonly Side[],
  rounds: number,
  time: (side: Side) => Promise<Timing>,
): Promise<readonly Timing[]> {
  const lists: Timing[][] = [];
  for (let round = 0; round < rounds; round += 1) {
    const list: Timing[] = [];
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) list.push(await time(side));
    lists.push(list);
  }
  return medianTimings(lists);
}

/** In nanoseconds: every call until it returned, and the median until all its listeners had run. */
async function timeCalls(side: Side): Promise<{ readonly calls: readonly number[]; readonly whole: number }> {
  const calls: number[] = [];
  const options = { gc: false, min_cpu_time: 50 * NS_PER_MS, batch_samples: 128 };
  const { p50 } = await measure(async () => {
    const begun = performance.now();
    const fired = side.fire(HEARD);
    calls.push((performance.now() - begun) * NS_PER_MS);
    await side.settled(fired);
  }, options);
  return { calls, whole: p50 };
}

async function timeUnheard({ name, role, fire }: Side): Promise<Timing> {
  const fireAll = (): void => {
    for (const event of UNHEARD) do_not_optimize(fire(event));
  };
  const { p50 } = await measure(fireAll, { gc: false, min_cpu_time: 20 * NS_PER_MS });
  return { name, role, call: p50 / UNHEARD.length / NS_PER_US, whole: null };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
