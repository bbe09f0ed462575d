import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPostgresDatabase } from "@core/database/testing";
import { runSimulatedDays } from "../schedules/simulated-days.ts";
import type { Command, ScenarioName } from "./command-line.ts";
import { runDeliveries } from "./deliveries.ts";
import { runEmbedded } from "./embedded.ts";
import type { FaultDeck } from "./fault-deck.ts";
import { wholeDeck } from "./fault-deck.ts";
import { runFaults } from "./faults.ts";
import { runKills } from "./kills.ts";
import { runRestarts } from "./restarts.ts";
import type { RestartDatabase } from "./server.ts";
import { runSessions } from "./sessions.ts";
import type { Report } from "./trial.ts";

export interface ScenarioContext {
  readonly command: Command;
  /** Undefined on a server that is not ours. */
  readonly restart: RestartDatabase | undefined;
  readonly onProgress: (line: string) => void;
}

/** After so many injections their tables are judged, and the next ones get an empty database. */
const CHAPTER = 500;

const shortTimes = { heartbeatMs: 250, deadAfterMs: 1_000 };
const defaultTimes = { heartbeatMs: 5_000, deadAfterMs: 15_000 };

/** The long form of each scenario. */
export const scenarios: Readonly<Record<ScenarioName, (context: ScenarioContext) => Promise<Report>>> = {
  kills: ({ command: { tasks = 10_000, workers = 4 }, onProgress }) =>
    onOwnDatabase((url) =>
      runKills({ url, tasks, workers, workMs: 200, timing: {}, pace: { everyMs: 1_000 }, onProgress }),
    ),
  faults: injectInChapters,
  sessions: ({ command: { lanes = 1_000, tasks = 20, workers = 3 }, onProgress }) =>
    onOwnDatabase((url) => runSessions({ url, lanes, tasksPerLane: tasks, workers, onProgress })),
  async restarts({ command: { rounds = 30, workers = 4 }, restart, onProgress }) {
    if (restart === undefined) return { counts: { restarts: 0 }, faults: [] };
    const lengths = { longestDownMs: 2_000, upMs: 2_000 };
    return onOwnDatabase((url) =>
      runRestarts({ url, restart, restarts: rounds, workers, timing: shortTimes, ...lengths, onProgress }),
    );
  },
  async embedded({ command: { rounds = 50, tasks = 60 }, onProgress }) {
    const dataDir = await mkdtemp(join(tmpdir(), "torture-embedded-"));
    try {
      return await runEmbedded({
        dataDir,
        kills: rounds,
        tasksPerLife: tasks,
        random: Math.random,
        onProgress,
      });
    } finally {
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    }
  },
  schedules: ({
    command: { tasks: schedules = 200, workers: schedulers = 3, rounds: kills = 20 },
    onProgress,
  }) => runSimulatedDays({ onDatabase: onOwnDatabase, schedules, schedulers, kills, onProgress }),
  deliveries: ({ command: { rounds = 200, tasks = 10_000 }, onProgress }) =>
    onOwnDatabase((url) =>
      runDeliveries({ url, kills: rounds, deliveries: tasks, timing: shortTimes, onProgress }),
    ),
};

async function injectInChapters({ command, restart, onProgress }: ScenarioContext): Promise<Report> {
  const { seed, from, injections = 1_000, workers = 8 } = command;
  const { restart: restarts = 0, ...others } = wholeDeck;
  const deck: FaultDeck = restart === undefined ? others : { ...others, restart: restarts };
  const fixed = { seed, workers, deck, tasksPerSecond: 40, ...(restart && { restart }) };
  const timing = command.defaultTimes ? defaultTimes : shortTimes;
  let sum: Report = { counts: {}, faults: [] };
  for (let first = from; first < from + injections; first += CHAPTER) {
    const count = Math.min(CHAPTER, from + injections - first);
    const chapter = await onOwnDatabase((url) =>
      runFaults({
        ...fixed,
        url,
        timing,
        from: first,
        injections: count,
        onProgress: (line) => onProgress(`from ${first}: ${line}`),
      }),
    );
    const faults = chapter.faults.map((fault) => `seed ${seed}, from ${first}: ${fault}`);
    sum = { counts: added(sum.counts, chapter.counts), faults: [...sum.faults, ...faults] };
  }
  return sum;
}

function added(one: Report["counts"], other: Report["counts"]): Report["counts"] {
  const names = Object.keys({ ...one, ...other });
  return Object.fromEntries(names.map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}

async function onOwnDatabase(run: (url: string) => Promise<Report>): Promise<Report> {
  const database = await createPostgresDatabase();
  try {
    return await run(database.url);
  } finally {
    await database.drop();
  }
}
