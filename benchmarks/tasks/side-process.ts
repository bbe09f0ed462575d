// Measures one side in one scenario and sends its figures to the parent. Argument: the assignment as JSON.
import type { Place } from "./sides/queue-side.ts";
import { loadSide, type SideName } from "./sides/sides.ts";
import type { Figures, Scale } from "./scenarios/scenario.ts";
import { scenarioNamed } from "./scenarios/scenarios.ts";

export interface Assignment {
  readonly scenario: string;
  readonly side: SideName;
  readonly place: Place;
  readonly scale: Scale;
}

export type Answer = { readonly figures: Figures } | { readonly failure: string };

const assignment = JSON.parse(process.argv[2] ?? "") as Assignment;
const answer = await measure(assignment).catch((error: unknown): Answer => ({ failure: explain(error) }));
process.send?.(answer, () => process.exit());

async function measure({ scenario, side, place, scale }: Assignment): Promise<Answer> {
  const { use, measure: measureScenario } = scenarioNamed(scenario);
  const { open } = await loadSide[side]();
  return { figures: await measureScenario({ place, scale, open: () => open(place, use) }) };
}

function explain(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
