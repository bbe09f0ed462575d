import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createStateFile } from "@core/integrations-state";
import { seededRandom } from "../tasks/random.ts";
import type { Report } from "../tasks/trial.ts";
import { createEvidence } from "./evidence.ts";
import type { Evidence } from "./evidence.ts";
import { startFleet } from "./fleet.ts";
import { startMutatorChild } from "./mutator-child.ts";
import { startSyncProbe } from "./sync-probe.ts";
import { drawTicket } from "./tickets.ts";

export interface StateKillsOptions {
  /** Of a state that is not there yet. */
  readonly path: string;
  readonly kills: number;
  readonly processes: number;
  /** The longest time from one kill to the next; the mean is half of it. */
  readonly paceMs: number;
  readonly random?: () => number;
  readonly onProgress?: (line: string) => void;
}

const CALLERS = 3;

/**
 * Kills processes with -9 at random moments of their updates, each followed by another at once, while the file is read
 * all the time. What was acknowledged has to stay, no read may be torn, and the next update has to find all in order.
 */
export async function runStateKills(options: StateKillsOptions): Promise<Report> {
  const { path, kills, processes, paceMs, onProgress = () => undefined } = options;
  const random = options.random ?? seededRandom(1);
  const evidence = createEvidence();
  await fillHistory(path);
  const reader = readAllTheTime(path, evidence);
  // What the disk itself makes them wait, so that a pause can be laid to somebody.
  const probe = startSyncProbe(`${path}.probe`, (await stat(path)).size);
  let lives = 0;
  const fleet = await startFleet({
    size: processes,
    paceMs,
    random,
    start: () =>
      startMutatorChild({ path, owner: `life-${(lives += 1)}`, callers: CALLERS }, evidence.acknowledged),
  });
  try {
    evidence.beginPauses();
    for (let count = 1; count <= kills; count += 1) {
      await fleet.killOne();
      onProgress(`${count} kills, ${evidence.acknowledgements()} updates acknowledged`);
    }
  } finally {
    await fleet.end();
    await reader.stop();
    await probe.stop();
  }
  const slowestSyncMs = Math.round(probe.longestMs());
  return {
    counts: { kills, ...evidence.counts(), slowestSyncMs },
    faults: [...fleet.surprises(), ...(await lookAfterwards(path, evidence))],
  };
}

/** So that the file has the size that it has in real life from the beginning. */
async function fillHistory(path: string): Promise<void> {
  const store = createStateFile({ path });
  await store.update((state) => {
    for (let n = 0; n < 200; n += 1) drawTicket(state, "parent");
  });
  await store.close();
}

function readAllTheTime(path: string, evidence: Evidence): { stop(): Promise<void> } {
  let isOver = false;
  const reading = (async () => {
    while (!isOver) {
      evidence.read(await readFile(path, "utf8"));
      await sleep(5);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await reading;
    },
  };
}

/** What the next process would find and do. */
async function lookAfterwards(path: string, evidence: Evidence): Promise<readonly string[]> {
  const problems: string[] = [];
  const store = createStateFile({ path, onProblem: ({ message }) => problems.push(message) });
  evidence.read(await readFile(path, "utf8"));
  await store.update((state) => drawTicket(state, "parent"));
  await store.close();
  const own = ["", ".bak", ".lock.db"].map((suffix) => basename(path) + suffix);
  const left = (await readdir(dirname(path))).filter((name) => !own.includes(name));
  return [...problems, ...left.map((name) => `${name} was left behind`), ...evidence.faults()];
}
