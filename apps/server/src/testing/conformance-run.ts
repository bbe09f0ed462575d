import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runNode } from "./ended-process.ts";

interface Check {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
}

/** What the official runner found of each scenario. */
export interface ConformanceRun {
  /** The checks of a scenario that did not pass; null: it was not run, or checked nothing. */
  failures(scenario: string): readonly string[] | null;
}

const TIME_STAMP = /-\d{4}-\d{2}-\d{2}T[\d-]+Z$/;

/** Runs all scenarios of a revision of the protocol against a server. */
export async function runConformance(url: string, revision: string): Promise<ConformanceRun> {
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  try {
    // It ends with 1 when any scenario fails, also one that is none of ours.
    await runNode({}, [program, "server", "--url", url, "--requirements", revision, "--output-dir", folder]);
    const checks = new Map<string, readonly Check[]>();
    for (const name of await readdir(folder)) {
      const scenario = name.replace(/^server-/, "").replace(TIME_STAMP, "");
      checks.set(scenario, JSON.parse(await readFile(join(folder, name, "checks.json"), "utf8")) as Check[]);
    }
    return { failures: (scenario) => failuresOf(checks.get(scenario) ?? []) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const program = fileURLToPath(import.meta.resolve("@modelcontextprotocol/conformance/dist/index.js"));

function failuresOf(checks: readonly Check[]): readonly string[] | null {
  const counted = checks.filter(({ status }) => status !== "INFO" && status !== "SKIPPED");
  if (counted.length === 0) return null;
  return counted.filter(({ status }) => status !== "SUCCESS").map(({ id }) => id);
}
