import { fork } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "./measuring/statistics.ts";
import type { FigureName } from "./report/figures.ts";
import type { Figures, Scale, Scenario } from "./scenarios/scenario.ts";
import type { Server } from "./server.ts";
import type { Answer, Assignment } from "./side-process.ts";
import type { Place } from "./sides/queue-side.ts";
import { loadSide, type SideName } from "./sides/sides.ts";

/** What became of one side in one scenario. */
export interface SideResult {
  readonly side: SideName;
  readonly title: string;
  readonly configuration: string;
  /** Of all runs, figure by figure. */
  readonly median: Figures;
  readonly runs: readonly Figures[];
  readonly failures: readonly string[];
}

export interface ScenarioResult {
  readonly scenario: string;
  readonly sides: readonly SideResult[];
}

export interface RoundsOptions {
  readonly server: Server;
  readonly folder: string;
  readonly scale: Scale;
  readonly runs: number;
  /** Told before each side begins. */
  readonly onBegin: (text: string) => void;
}

/** Measures all sides in turns, every other round backwards, so that what slows the machine slows them all. */
export async function runScenario(scenario: Scenario, options: RoundsOptions): Promise<ScenarioResult> {
  const answers = new Map<SideName, Answer[]>(scenario.sides.map((side) => [side, []]));
  for (let round = 0; round < options.runs; round += 1) {
    const order = round % 2 === 0 ? scenario.sides : scenario.sides.toReversed();
    for (const side of order) {
      options.onBegin(`${scenario.name}, round ${round + 1} of ${options.runs}: ${side}`);
      const answer = await measureOnce(scenario, side, round, options);
      answers.get(side)?.push(answer);
    }
  }
  return {
    scenario: scenario.name,
    sides: await Promise.all([...answers].map(([side, given]) => summarise(scenario, side, given))),
  };
}

async function measureOnce(
  scenario: Scenario,
  side: SideName,
  round: number,
  { server, folder, scale }: RoundsOptions,
): Promise<Answer> {
  const name = `bench_${scenario.name}_${side}_${round}`.replaceAll("-", "_");
  const assign = (place: Place): Promise<Answer> =>
    measureInProcess({ scenario: scenario.name, side, place, scale });
  if (scenario.engine === "pglite") {
    const dataDir = join(folder, name);
    const answer = await assign({ dataDir });
    await rm(dataDir, { recursive: true, force: true });
    return answer;
  }
  const answer = await assign({ url: await server.createDatabase(name) });
  await server.dropDatabase(name);
  return answer;
}

/** No side may take longer, whatever happens to it. */
const PROCESS_LIMIT_MS = 15 * 60_000;

/** In a process of its own: no side pays for the memory and the compiled code of another. */
function measureInProcess(assignment: Assignment): Promise<Answer> {
  const script = fileURLToPath(new URL("side-process.ts", import.meta.url));
  const child = fork(script, [JSON.stringify(assignment)], {
    timeout: PROCESS_LIMIT_MS,
    // graphile-worker's own performance test sets it too.
    env: { ...process.env, NO_LOG_SUCCESS: "1" },
  });
  return new Promise((resolve, reject) => {
    child.once("message", (answer) => resolve(answer as Answer));
    child.once("error", reject);
    child.once("exit", (code, signal) =>
      resolve({ failure: `The process ended with ${signal ?? code} before it had figures.` }),
    );
  });
}

async function summarise(
  scenario: Scenario,
  side: SideName,
  answers: readonly Answer[],
): Promise<SideResult> {
  const { title, describe } = await loadSide[side]();
  const runs = answers.flatMap((answer) => ("figures" in answer ? [answer.figures] : []));
  const failures = answers.flatMap((answer) => ("failure" in answer ? [answer.failure] : []));
  return { side, title, configuration: describe(scenario.use), median: medians(runs), runs, failures };
}

function medians(runs: readonly Figures[]): Figures {
  const names = new Set(runs.flatMap((figures) => Object.keys(figures) as FigureName[]));
  return Object.fromEntries(
    [...names].map((name) => [name, median(runs.flatMap((figures) => figures[name] ?? []))]),
  );
}
