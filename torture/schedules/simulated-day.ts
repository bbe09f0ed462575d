import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@core/database";
import { createTasks, tasksMigrations } from "@core/tasks";
import { seededRandom } from "../tasks/random.ts";
import type { Report } from "../tasks/trial.ts";
import { judgeSchedules } from "./judge.ts";
import { mixedSchedules } from "./schedule-plan.ts";
import { createSchedulerChildren } from "./scheduler-children.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import { createSimulatedTime } from "./simulated-time.ts";

export interface SimulatedDayOptions {
  readonly url: string;
  readonly schedules: number;
  readonly schedulers: number;
  /** The change of the clocks in whose middle the day lies, and the outage too. */
  readonly change: string;
  readonly hours: number;
  readonly kills: number;
  readonly onProgress?: (line: string) => void;
}

const OUTAGE_MS = 600_000;
const HOUR_MS = 3_600_000;
/** A step is shorter than what counts as missed, so that only the outage makes anything missed. */
const LONGEST_STEP_MS = 60_000;
/** So soon after a step, schedulers are busy. */
const BUSY_MS = 12;

/** Lets hours pass over schedules, while their schedulers are killed, and once all of them are away for ten minutes. */
export async function runSimulatedDay(options: SimulatedDayOptions): Promise<Report> {
  const { url, change, hours } = options;
  const created = Date.parse(change) - (hours / 2) * HOUR_MS;
  const database = await openDatabase({ url, poolSize: 2, applicationName: "torture" });
  try {
    await database.migrate([tasksMigrations()]);
    const time = await createSimulatedTime(database, created);
    const plan = mixedSchedules(options.schedules, created);
    const { schedules } = createTasks({ database });
    for (const schedule of plan) {
      await schedules.create({ ...schedule, task: { type: "t", payload: schedule.name } });
    }
    const looks = stepsOf(options, created);
    const faults = await pass(options, time, looks);
    const verdict = await judgeSchedules(database, plan, created, looks);
    return { counts: { ...verdict.counts, kills: options.kills }, faults: [...faults, ...verdict.faults] };
  } finally {
    await database.close();
  }
}

/** The moments at which the time stands still, by lot; between two of them is the outage. */
function stepsOf({ change, hours }: SimulatedDayOptions, created: number): readonly number[] {
  const random = seededRandom(created / 1_000);
  const outageBegins = Date.parse(change) - OUTAGE_MS / 2;
  const end = created + hours * HOUR_MS;
  const steps: number[] = [];
  for (let at = created; at < end;) {
    const next = at + LONGEST_STEP_MS * (0.5 + random() / 2);
    at = Math.round(at < outageBegins && next >= outageBegins ? at + OUTAGE_MS : next);
    steps.push(at);
  }
  return steps;
}

async function pass(
  { url, schedulers, kills, onProgress = () => undefined }: SimulatedDayOptions,
  time: SimulatedTime,
  looks: readonly number[],
): Promise<readonly string[]> {
  const children = createSchedulerChildren(url, schedulers);
  const faults: string[] = [];
  const killEvery = Math.floor(looks.length / (kills + 1));
  let replacing: Promise<void> = Promise.resolve();
  try {
    await children.start();
    for (const [step, look] of looks.entries()) {
      const isOutage = look - (looks[step - 1] ?? look) >= OUTAGE_MS;
      if (isOutage) {
        await replacing;
        await children.kill();
      }
      await time.set(look);
      if (isOutage) await children.start();
      if (step > 0 && step % killEvery === 0 && step / killEvery <= kills) {
        await replacing;
        await sleep(BUSY_MS * seededRandom(step)());
        replacing = children.replace(step % schedulers);
        // It is awaited before the next one, and at the end.
        replacing.catch(() => undefined);
      }
      if (!(await time.settled())) {
        faults.push(`something stays due at ${new Date(look).toISOString()}`);
        break;
      }
      onProgress(`${new Date(look).toISOString()}, step ${step + 1} of ${looks.length}`);
    }
    await replacing;
    return [...faults, ...(await children.stop())];
  } finally {
    await replacing.catch(() => undefined);
    await children.kill();
  }
}
