import { parseArgs } from "node:util";
import { fullScale, quickScale, type Scale, type Scenario } from "./scenarios/scenario.ts";
import { scenarioNamed, scenarios } from "./scenarios/scenarios.ts";

/** What a run was asked to do. */
export interface CommandLine {
  readonly scenarios: readonly Scenario[];
  readonly scale: Scale;
  readonly runs: number;
  /** Where the results are written; null: they are only printed. */
  readonly out: string | null;
  /** A server to use, where databases may be created; null: one is started. */
  readonly url: string | null;
}

export const usage: string = `pnpm benchmark:tasks [--scenario name]… [--quick] [--runs 3] [--url postgres://…] [--out folder]
  --scenario  only this one; may be given several times: ${scenarios.map(({ name }) => name).join(", ")}
  --quick     little work and one round, to try it out
  --url       a Postgres server (default DATABASE_URL, else one is started with stock settings)
  --out       where tasks.md, results.json and chart.svg go (default docs/benchmarks, when everything is measured)`;

/** @throws Error that says what is wrong with the arguments */
export function readCommandLine(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  defaultOut: string,
): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: "string", multiple: true },
      quick: { type: "boolean", default: false },
      runs: { type: "string" },
      url: { type: "string" },
      out: { type: "string" },
    },
  });
  const runs = Number(values.runs ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs ${values.runs} is not a whole number above 0.`);
  return {
    scenarios: values.scenario?.map(scenarioNamed) ?? scenarios,
    scale: values.quick ? quickScale : fullScale,
    runs,
    out: values.out ?? (values.quick || values.scenario ? null : defaultOut),
    url: values.url ?? (environment["DATABASE_URL"] || null),
  };
}
