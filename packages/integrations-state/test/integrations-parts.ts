import { createOutbound } from "@core/outbound";
import type { Outbound } from "@core/outbound";
import type { ManualClock, RecordingLogger } from "@core/testing";
import { createManualClock, createRecordingLogger } from "@core/testing";
import { createDiagnostics } from "../src/diagnostics/diagnostic-hooks.ts";
import type {
  DiagnosticError,
  DiagnosticEvent,
  DiagnosticMetric,
} from "../src/diagnostics/diagnostic-hooks.ts";
import type { IntegrationsParts } from "../src/integrations-parts.ts";
import { createSecretBox } from "../src/secrets/secret-box.ts";
import { createMemoryStore } from "../src/testing/memory-store.ts";

export interface TestParts extends IntegrationsParts, AsyncDisposable {
  readonly clock: ManualClock;
  readonly logger: RecordingLogger;
  /** All that hooks were told, in order. */
  readonly metrics: readonly DiagnosticMetric[];
  readonly events: readonly DiagnosticEvent[];
  readonly errors: readonly DiagnosticError[];
}

/** Parts with a state in memory, secrets sealed, time that stands still, and HTTP that may reach 127.0.0.1. */
export function integrationsParts(changes: Partial<IntegrationsParts> = {}): TestParts {
  const clock = createManualClock();
  const logger = createRecordingLogger();
  const [metrics, events, errors]: [DiagnosticMetric[], DiagnosticEvent[], DiagnosticError[]] = [[], [], []];
  const outbound: Outbound = changes.outbound ?? createOutbound({ allow: ["127.0.0.1"], clock, logger });
  const hooks = {
    emitMetric: (metric: DiagnosticMetric) => metrics.push(metric),
    emitEvent: (event: DiagnosticEvent) => events.push(event),
    emitError: (error: DiagnosticError) => errors.push(error),
  };
  return {
    store: createMemoryStore(),
    secrets: createSecretBox(Buffer.alloc(32, 7).toString("base64")),
    diagnostics: createDiagnostics(hooks, logger),
    // Delays are then as long as they may be.
    random: () => 0.999_999,
    ...changes,
    outbound,
    clock,
    logger,
    metrics,
    events,
    errors,
    [Symbol.asyncDispose]: () => outbound.close(),
  };
}
