import type { IntegrationHealth } from "@core/registry";
import { messageOf } from "./thrown-value.ts";

/** Asks an integration how it is. Those who ask at the same time share one answer. */
export type HealthProbe = () => Promise<IntegrationHealth>;

/** Makes a probe that always answers: `down` with a detail when the question fails or has no real answer. */
export function createHealthProbe(ask: () => Promise<unknown>): HealthProbe {
  let running: Promise<IntegrationHealth> | null = null;
  return () => {
    running ??= ask()
      .then(knownHealth, unanswered)
      .finally(() => {
        running = null;
      });
    return running;
  };
}

/** Only what the contract knows, because it is shown as it is. */
function knownHealth(answer: unknown): IntegrationHealth {
  const { status, detail } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  if (status !== "ok" && status !== "degraded" && status !== "down") {
    return { status: "down", detail: 'Its health() gave no status of "ok", "degraded" or "down".' };
  }
  return typeof detail === "string" ? { status, detail } : { status };
}

function unanswered(error: unknown): IntegrationHealth {
  return { status: "down", detail: messageOf(error) };
}
