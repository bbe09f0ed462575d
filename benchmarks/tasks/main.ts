// Compares @core/tasks with graphile-worker and pg-boss: pnpm benchmark:tasks
import { fileURLToPath } from "node:url";
import { readCommandLine, usage, type CommandLine } from "./command-line.ts";
import { describeMachine, installedVersions } from "./report/machine.ts";
import type { RunRecord } from "./report/run-record.ts";
import { goalTable, scenarioTable, toText } from "./report/tables.ts";
import { findLosses, judge } from "./report/verdict.ts";
import { writeReport } from "./report/write-report.ts";
import { runScenario, type ScenarioResult } from "./rounds.ts";
import { makeRunFolder } from "./run-folder.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { openServer, type Server } from "./server.ts";

const defaultOut = fileURLToPath(new URL("../../docs/benchmarks", import.meta.url));

process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
await main(understand(process.argv.slice(2)));

function understand(args: readonly string[]): CommandLine {
  try {
    return readCommandLine(args, process.env, defaultOut);
  } catch (error) {
    print(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return process.exit(2);
  }
}

async function main(command: CommandLine): Promise<void> {
  const folder = await makeRunFolder();
  const server = await openServer(command.url, folder.path);
  try {
    const run = await measureAll(command, server, folder.path);
    print(`\nGoals\n${toText(goalTable(run.verdicts))}`);
    if (command.out !== null) await writeReport(run, command.out);
    process.exitCode = run.verdicts.every(({ reached }) => reached !== "neither") ? 0 : 1;
  } finally {
    await server.close();
    await folder.remove();
  }
}

async function measureAll(command: CommandLine, server: Server, folder: string): Promise<RunRecord> {
  const { scale, runs } = command;
  const machine = describeMachine(folder);
  const postgres = await server.facts();
  print(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, PostgreSQL ${postgres.version}`);
  const scenarios: ScenarioResult[] = [];
  for (const scenario of command.scenarios) {
    const result = await runScenario(scenario, { server, folder, scale, runs, onBegin });
    printScenario(scenario, result);
    scenarios.push(result);
  }
  return {
    date: new Date().toISOString(),
    machine,
    versions: installedVersions(),
    postgres,
    runs,
    scale,
    scenarios,
    verdicts: judge(scenarios),
    losses: findLosses(scenarios),
  };
}

function printScenario(scenario: Scenario, result: ScenarioResult): void {
  print(`\n${scenario.title}\n${toText(scenarioTable(scenario, result))}`);
  for (const { title, configuration, failures } of result.sides) {
    print(`  ${title}: ${configuration}`);
    for (const failure of failures) print(`  ${title} failed: ${failure}`);
  }
}

/** Where it stands, apart from the results. */
function onBegin(text: string): void {
  process.stderr.write(`${text}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
