// The long forms of the chaos suite, by command; `--help` tells the scenarios and options.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { stderr, stdout } from "node:process";
// @boundaries-ignore shared by all that starts servers
import { watchLaunchers } from "../../apps/server/src/processes/launcher-watch.ts";
// @boundaries-ignore shared by all that starts servers
import { startOrphanGuard } from "../../apps/server/src/processes/orphan-guard.ts";
import type { Command, ScenarioName } from "./command-line.ts";
import { help, readCommand } from "./command-line.ts";
import { scenarios } from "./scenarios.ts";
import type { RestartDatabase } from "./server.ts";
import { makeServerFolder, startOwnServer } from "./server.ts";
import type { Report } from "./trial.ts";

const PROGRESS_EVERY_MS = 10_000;

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  try {
    const command = readCommand(words, Math.random);
    if (command !== null) return await play(command);
    stdout.write(help);
    return 0;
  } catch (error) {
    stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** Whatever ends this process, its workers, its server and its folder go with it. */
async function play(command: Command): Promise<number> {
  const folder = await makeServerFolder();
  const guard = startOrphanGuard({ remove: [folder] });
  Object.assign(process.env, guard.environment, { NODE_COMPILE_CACHE: join(folder, "code") });
  const unwatch = watchLaunchers({ onGone: () => process.kill(process.pid, "SIGTERM") });
  const given = process.env["DATABASE_URL"] ?? "";
  const own = given === "" ? await startOwnServer(folder) : undefined;
  try {
    process.env["TEST_POSTGRES_URL"] = own?.url ?? given;
    let faults = 0;
    for (const name of command.scenarios) faults += await playOne(name, command, own?.restart);
    return faults === 0 ? 0 : 1;
  } finally {
    await own?.stop();
    unwatch();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    guard.close();
  }
}

/** How many faults it found. */
async function playOne(
  name: ScenarioName,
  command: Command,
  restart: RestartDatabase | undefined,
): Promise<number> {
  const begun = performance.now();
  const onProgress = everyNowAndThen((line) => stdout.write(`${name}: ${line}\n`));
  const report = await scenarios[name]({ command, restart, onProgress });
  const seconds = Math.round((performance.now() - begun) / 1_000);
  const seed = name === "faults" ? `, seed ${command.seed} from ${command.from}` : "";
  stdout.write(`${name}: ${describe(report)}, ${seconds} s${seed}\n`);
  for (const fault of report.faults) stdout.write(`  ${fault}\n`);
  return report.faults.length;
}

function describe({ counts, faults }: Report): string {
  const figures = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return [...figures, `faults ${faults.length}`].join(", ");
}

function everyNowAndThen(tell: (line: string) => void): (line: string) => void {
  let last = performance.now();
  return (line) => {
    if (performance.now() - last < PROGRESS_EVERY_MS) return;
    last = performance.now();
    tell(line);
  };
}
