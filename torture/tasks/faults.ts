import { setTimeout as sleep } from "node:timers/promises";
import type { FaultDeck, FaultKind } from "./fault-deck.ts";
import { drawFault } from "./fault-deck.ts";
import type { FaultPlace } from "./fault-kinds.ts";
import { injectFault } from "./fault-kinds.ts";
import type { Fleet } from "./fleet.ts";
import { startInflow } from "./inflow.ts";
import { seededRandom } from "./random.ts";
import type { RestartDatabase } from "./server.ts";
import type { TaskQueue } from "./task-queue.ts";
import type { Report } from "./trial.ts";
import { runTrial } from "./trial.ts";

export interface FaultsOptions {
  readonly url: string;
  /** Needed where the deck has restarts. */
  readonly restart?: RestartDatabase;
  readonly seed: number;
  /** The number of the first fault. */
  readonly from: number;
  readonly injections: number;
  readonly workers: number;
  readonly timing: { readonly heartbeatMs: number; readonly deadAfterMs: number };
  readonly deck: FaultDeck;
  readonly tasksPerSecond: number;
  readonly onProgress?: (line: string) => void;
}

const LONGEST_DELAY_MS = 1_000;

/** Does one fault after another to each of several workers while tasks keep coming in. */
export async function runFaults(options: FaultsOptions): Promise<Report> {
  return runTrial({
    ...options,
    async ordeal(queue, fleet) {
      const endInflow = startInflow(queue, options.tasksPerSecond, seededRandom(options.seed + options.from));
      const report = await injectAll(options, queue, fleet);
      await endInflow();
      return report;
    },
  });
}

async function injectAll(options: FaultsOptions, queue: TaskQueue, fleet: Fleet): Promise<Report> {
  const { seed, from, injections, deck, timing, onProgress = () => undefined } = options;
  const restart = options.restart && inTurn(options.restart);
  const counts: Partial<Record<FaultKind, number>> = {};
  const faults: string[] = [];
  let next = from;
  let done = 0;

  await Promise.all(Array.from({ length: fleet.size }, (_, place) => attend(place)));
  return { counts: { injections: done, ...counts }, faults: [...faults, ...fleet.surprises()] };

  async function attend(place: number): Promise<void> {
    while (next < from + injections) {
      const fault = drawFault(seed, (next += 1) - 1, deck);
      await sleep(fault.delay * Math.min(LONGEST_DELAY_MS, 4 * timing.heartbeatMs));
      await injectOne({ queue, fleet, place, ...timing, restart }, fault).catch(async (error: unknown) => {
        faults.push(`injection ${fault.number}, ${fault.kind}: ${String(error)}`);
        await fleet.start({ place });
      });
      done += 1;
      counts[fault.kind] = (counts[fault.kind] ?? 0) + 1;
      onProgress(`${done} injections, the last one ${fault.kind}`);
    }
  }
}

async function injectOne(at: FaultPlace, fault: ReturnType<typeof drawFault>): Promise<void> {
  const surprise = at.fleet.at(at.place).surprise();
  if (surprise !== null) throw new Error(surprise);
  await injectFault(fault, at);
}

/** One outage at a time. */
function inTurn(restart: RestartDatabase): RestartDatabase {
  let last: Promise<void> = Promise.resolve();
  return (downMs) => {
    last = last.then(() => restart(downMs));
    return last;
  };
}
