import type { DemoJourney } from "./demo-journey.ts";
import { playJourney } from "./demo-journey.ts";
import type { DemoPrinter } from "./demo-printer.ts";
import type { DemoStage, DemoStageOptions } from "./demo-stage.ts";
import { createDemoStage } from "./demo-stage.ts";
import { createDemoSteps, DemoStepError } from "./demo-step.ts";

export interface DemoOptions extends DemoStageOptions {
  readonly printer: DemoPrinter;
  /** Ends the demo early; its reason is told. */
  readonly signal: AbortSignal;
  /** How long a step may take. Default 60,000. */
  readonly stepLimitMs?: number;
}

/**
 * Shows the main job on a server of its own and removes all it made.
 * @returns the exit code: 0, 1 when a step failed, 130 when the signal ended it
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { printer, signal, stepLimitMs = 60_000 } = options;
  const stage = createDemoStage(options);
  const step = createDemoSteps({
    printer,
    signal: AbortSignal.any([signal, stage.died]),
    limitMs: stepLimitMs,
  });
  const startedAt = performance.now();
  printer.headline("A task, an agent, and a signed delivery that survives what goes wrong");
  try {
    await playAndClear({ stage, step, printer });
  } catch (error) {
    return tellFailure(error, stage, options);
  }
  tellEnd(printer, performance.now() - startedAt);
  return 0;
}

async function playAndClear(journey: DemoJourney): Promise<void> {
  try {
    await playJourney(journey);
  } finally {
    await journey.stage.clear();
  }
}

function tellFailure(error: unknown, stage: DemoStage, { printer, signal }: DemoOptions): number {
  if (signal.aborted && error instanceof DemoStepError) {
    printer.failure(`Stopped: ${String(signal.reason)}. The server is ended and its folder removed.`);
    return 130;
  }
  printer.failure(error instanceof Error ? error.message : String(error));
  const output = stage.lastOutput();
  if (output.length > 0) printer.note("The last that the server printed:");
  for (const line of output) printer.line(line);
  return 1;
}

function tellEnd(printer: DemoPrinter, tookMs: number): void {
  printer.headline(
    `Done in ${(tookMs / 1_000).toFixed(0)} seconds. All processes are ended, and the folder is removed.`,
  );
  printer.headline("Next");
  printer.fact("pnpm start", "a server that stays; then, from another terminal:");
  printer.line(`curl http://127.0.0.1:3000/api/v1/tasks -d '{"prompt": "hello"}' \\`);
  printer.line(`  -H "Authorization: Bearer $(cat data/api-key)" -H "Content-Type: application/json"`);
  printer.fact("README.md", "the libraries; apps/server/README.md has all settings and routes\n");
}
