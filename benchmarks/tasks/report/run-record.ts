import type { ScenarioResult } from "../rounds.ts";
import type { Scale } from "../scenarios/scenario.ts";
import type { ServerFacts } from "../server.ts";
import type { Machine } from "./machine.ts";
import type { Loss, Verdict } from "./verdict.ts";

/** All there is to know of one run: what `results.json` holds. */
export interface RunRecord {
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly postgres: ServerFacts;
  readonly runs: number;
  readonly scale: Scale;
  readonly scenarios: readonly ScenarioResult[];
  readonly verdicts: readonly Verdict[];
  readonly losses: readonly Loss[];
}
