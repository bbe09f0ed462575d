import type { ScenarioResult } from "../rounds.ts";
import { scenarioNamed } from "../scenarios/scenarios.ts";
import { figureKinds, quotient, shown } from "./figures.ts";
import type { RunRecord } from "./run-record.ts";
import { goalTable, scenarioTable, toMarkdown } from "./tables.ts";

/** The run as a page for people, with what we lose. */
export function writePage(run: RunRecord): string {
  return [
    "# The task queue, measured",
    "@core/tasks beside graphile-worker and pg-boss, each doing the same work on the same machine. Written by `pnpm benchmark:tasks`; all figures of all runs are in [results.json](results.json).",
    "![Every goal as a bar](chart.svg)",
    "## Goals",
    toMarkdown(goalTable(run.verdicts)),
    "“Ours / it” is ours divided by the better peer, whichever of its configurations is the better one. Of delays, less is better.",
    "## Where a peer is better",
    lossesOf(run),
    "## How it was measured",
    conditionsOf(run),
    ...run.scenarios.flatMap(sectionOf),
  ].join("\n\n");
}

function lossesOf({ losses }: RunRecord): string {
  if (losses.length === 0) return "In no figure below.";
  return losses
    .map(({ scenario, figure, ours, peer }) => {
      const { title } = scenarioNamed(scenario);
      const kind = figureKinds[figure].title;
      return `- ${title}, ${kind}: ${shown(figure, ours)} against ${shown(figure, peer.value)} of ${peer.title} (${quotient(ours, peer.value)})`;
    })
    .join("\n");
}

function conditionsOf({ machine, versions, postgres, runs, scale, date }: RunRecord): string {
  const named = (pairs: Readonly<Record<string, string>>): string =>
    Object.entries(pairs)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ");
  return [
    `- ${date.slice(0, 10)}; ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.os}, load ${machine.load} at the start; the server, the workers and those who enqueue share them.`,
    `- Node ${machine.node}; ${named(versions)}.`,
    `- PostgreSQL ${postgres.version}: ${named(postgres.settings)}. Keeping 8 kB on this disk takes ${machine.fdatasyncMicros} µs.`,
    `- Medians of ${runs} ${runs === 1 ? "run" : "runs"}. In each, every side has a process and an empty database of its own, warms up, and the order of the sides is turned around every other time.`,
    `- ${shown("tasks", scale.tasks)} tasks of a few bytes, ${scale.slots} slots, one worker process. A side that needs longer than ${scale.limitMs / 1_000} s is stopped, and its rate is that of what it did by then: see “tasks done”.`,
    "- @core/tasks keeps every task and its result, and accepts an end only from the run that holds the task. graphile-worker deletes jobs when they end and keeps no result; pg-boss keeps both.",
    "- A no-op shows what the queue itself costs. Where tasks take seconds, only the delays matter.",
  ].join("\n");
}

function sectionOf(result: ScenarioResult): readonly string[] {
  const scenario = scenarioNamed(result.scenario);
  const configurations = result.sides.map(({ title, configuration }) => `- ${title}: ${configuration}.`);
  const failures = result.sides.flatMap(({ title, failures: all }) =>
    all.map((failure) => `- ${title} failed: ${failure.split("\n")[0]}`),
  );
  return [
    `## ${scenario.title}`,
    scenario.text,
    toMarkdown(scenarioTable(scenario, result)),
    [...configurations, ...failures].join("\n"),
  ];
}
