import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { drawChart } from "./chart.ts";
import { writePage } from "./page.ts";
import type { RunRecord } from "./run-record.ts";

/** Writes `tasks.md`, `results.json` and `chart.svg` into a folder, in the format of the repository. */
export async function writeReport(run: RunRecord, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { machine, postgres, date } = run;
  const subtitle = `${date.slice(0, 10)}, PostgreSQL ${postgres.version}, Node ${machine.node}, ${machine.cores} cores`;
  const page = join(folder, "tasks.md");
  const results = join(folder, "results.json");
  await writeFile(page, `${writePage(run)}\n`);
  await writeFile(results, `${JSON.stringify(run, null, 2)}\n`);
  await writeFile(join(folder, "chart.svg"), drawChart(run.verdicts, subtitle));
  const formatter = fileURLToPath(new URL("../../../node_modules/.bin/oxfmt", import.meta.url));
  await promisify(execFile)(formatter, [page, results]);
}
