import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@core/database";
import { evidenceMigrations } from "./evidence.ts";
import { comesTrue } from "./patiently.ts";
import { seededRandom } from "./random.ts";
import type { Progress } from "./task-queue.ts";
import type { Report } from "./trial.ts";
import { comeToRest } from "./trial.ts";
import { judge } from "./verdict.ts";
import type { WorkerChild } from "./worker-child.ts";
import { startWorkerChild } from "./worker-child.ts";

export interface EmbeddedOptions {
  /** Where the database is or is to be. */
  readonly dataDir: string;
  readonly kills: number;
  /** How many tasks each life makes, unless it is killed before. */
  readonly tasksPerLife: number;
  readonly random?: () => number;
  readonly onProgress?: (line: string) => void;
}

/** What the parent has been told by all lives. */
interface Told {
  readonly ids: string[];
  progress: Progress;
}

/**
 * Kills a process with -9, again and again, that makes tasks and works on them in an embedded database. Nothing that
 * was acknowledged may be lost, and what was in hand has to be taken back by the time the next life works.
 */
export async function runEmbedded(options: EmbeddedOptions): Promise<Report> {
  const { dataDir, kills, random = seededRandom(1), onProgress = () => undefined } = options;
  const told: Told = { ids: [], progress: { open: 1, steps: 0 } };
  const faults: string[] = [];
  let held = 0;
  await prepare(dataDir);
  for (let life = 0; life <= kills; life += 1) {
    const child = startLife(options, life, told);
    const start = await child.ready;
    held += start.held;
    if (start.orphans > 0) faults.push(`life ${life} left ${start.orphans} tasks of the former one alone`);
    if (life < kills) await killInTheMiddle(child, options, told, random);
    else await workOff(child, told, onProgress);
    onProgress(`${life} kills, ${told.ids.length} tasks acknowledged`);
  }
  const verdict = await judgeFolder(dataDir, told.ids);
  return {
    counts: { kills, acknowledged: told.ids.length, inHand: held, ...verdict.counts },
    faults: [...faults, ...verdict.faults],
  };
}

async function prepare(dataDir: string): Promise<void> {
  const database = await openDatabase({ dataDir });
  await database.migrate(evidenceMigrations());
  await database.close();
}

function startLife({ dataDir, tasksPerLife, kills }: EmbeddedOptions, life: number, told: Told): WorkerChild {
  const feed = life < kills ? tasksPerLife : 0;
  const plan = { app: `life ${life}`, workerId: randomUUID(), concurrency: 8, pollMs: 200, timing: {}, feed };
  return startWorkerChild({ ...plan, database: { dataDir } }, (message) => {
    if (message.is === "acknowledged") told.ids.push(message.id);
    if (message.is === "progress") told.progress = message;
  });
}

/** Somewhere between its first tasks and the time when its last ones are done. */
async function killInTheMiddle(
  child: WorkerChild,
  { tasksPerLife }: EmbeddedOptions,
  told: Told,
  random: () => number,
): Promise<void> {
  const enough = told.ids.length + Math.ceil(tasksPerLife * random());
  const isThere = await comesTrue(async () => told.ids.length >= enough || child.hasEnded());
  await sleep(300 * random());
  const surprise = child.surprise() ?? (isThere ? null : `${child.app} makes no tasks any more`);
  if (surprise !== null) throw new Error(surprise);
  await child.kill();
}

async function workOff(child: WorkerChild, told: Told, onProgress: (line: string) => void): Promise<void> {
  told.progress = { open: 1, steps: 0 };
  await comeToRest(async () => told.progress, onProgress);
  await child.stop();
}

async function judgeFolder(dataDir: string, ids: readonly string[]): ReturnType<typeof judge> {
  const database = await openDatabase({ dataDir });
  try {
    return await judge(database, ids);
  } finally {
    await database.close();
  }
}
