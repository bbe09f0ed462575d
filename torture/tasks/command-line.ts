import { parseArgs } from "node:util";

/** What the command was asked to do; a number that was not given is left to the scenario. */
export interface Command {
  readonly scenarios: readonly ScenarioName[];
  readonly seed: number;
  readonly from: number;
  readonly defaultTimes: boolean;
  readonly tasks?: number;
  readonly workers?: number;
  readonly injections?: number;
  readonly lanes?: number;
  readonly rounds?: number;
}

export const scenarioNames = [
  "kills",
  "faults",
  "sessions",
  "restarts",
  "embedded",
  "deliveries",
  "schedules",
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export const help = `Chaos for the task engine: real worker processes, real faults, a judge that reads the tables.

  node --conditions=@core/source torture/tasks/main.ts <scenario|all> [options]

Scenarios
  kills      4 workers, 10,000 tasks; one worker is killed with -9 each second; tells how long takeovers took
  faults     kill -9, pauses beyond the lease, dropped connections, database restarts, skewed clocks, clean stops,
             and second workers under one id, over 8 workers and a steady inflow of tasks
  sessions   1,000 lanes of 20 tasks each: in order, never two at once
  restarts   the database crashes and comes back, 30 times
  embedded   a process with an embedded database is killed with -9, 50 times
  deliveries a process that delivers is killed with -9, 200 times during 10,000 deliveries
  schedules  200 schedules, 3 schedulers, four simulated days around changes of the clocks, each with kills -9 and
             ten minutes without any scheduler

Options
  --tasks <n>        tasks of kills, tasks per lane of sessions, tasks per life of embedded, deliveries, schedules
  --workers <n>      worker processes
  --lanes <n>        lanes of sessions
  --rounds <n>       how often the database (restarts), the process (embedded, deliveries) or a scheduler of a day
                     (schedules) ends
  --injections <n>   of faults; default 1,000
  --seed <n>         of faults: the same seed draws the same faults; default: by lot
  --from <n>         of faults: the number of the first one, to go on where a run with this seed has ended
  --default-times    of faults: the engine's own heartbeat and lease (5 s, 15 s) instead of 0.25 s and 1 s
  --help

DATABASE_URL names a Postgres server to use; without it an embedded one is started, and only that can be restarted.
It ends with code 1 when a promise was broken.
`;

/** @throws Error that says what is wrong with the words; null when help was asked for */
export function readCommand(words: readonly string[], random: () => number): Command | null {
  const number = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      tasks: number,
      workers: number,
      lanes: number,
      rounds: number,
      injections: number,
      seed: number,
      from: number,
      "default-times": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const [name] = positionals;
  if (values.help || name === undefined) return null;
  const { help: _, "default-times": defaultTimes, ...numbers } = values;
  const given = Object.entries(numbers).map(([option, text]) => [option, wholeNumber(option, text)]);
  const base = { seed: Math.floor(random() * 1e9), from: 0, defaultTimes, scenarios: scenariosOf(name) };
  return { ...base, ...(Object.fromEntries(given) as Partial<Command>) };
}

function scenariosOf(name: string): readonly ScenarioName[] {
  if (name === "all") return scenarioNames;
  const found = scenarioNames.find((one) => one === name);
  if (found === undefined)
    throw new Error(`There is no scenario "${name}". Choose one of: ${scenarioNames.join(", ")}, all.`);
  return [found];
}

function wholeNumber(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`--${option} is "${text}". Give a whole number.`);
}
