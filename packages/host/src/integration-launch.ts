import type { Integration, IntegrationInstance, Registry } from "@core/registry";
import { createContext } from "./integration-context.ts";
import type { ContextDeps } from "./integration-context.ts";
import { missingVariables } from "./integration-environment.ts";
import { createHealthProbe } from "./integration-health.ts";
import { readSettings } from "./integration-settings.ts";
import type { ActiveInstance, IntegrationState } from "./integration-state.ts";
import { runStep } from "./integration-step.ts";
import type { StepDeps } from "./integration-step.ts";
import type { VariableMask } from "./variable-mask.ts";

export interface LaunchDeps extends ContextDeps, StepDeps {
  readonly registry: Registry;
  readonly mask: VariableMask;
  /** Aborted when the integration is to stop. */
  readonly unwanted: AbortSignal;
  /** Stops an instance that is not to work. */
  dispose(instance: IntegrationInstance): void;
}

type ReadyIntegration = Integration & Required<Pick<Integration, "setup">>;

/**
 * Brings an integration up: its settings, `setup`, `start`, and last its dispatcher and hooks. Whatever instance
 * comes out of a launch that failed is disposed of, however late.
 * @throws why it failed
 */
export async function launch(integration: Integration, deps: LaunchDeps): Promise<IntegrationState> {
  if (!canStart(integration)) return { status: "ready" };
  const { environment, logger, mask } = deps;
  const missing = missingVariables(integration, environment);
  if (missing.length > 0) {
    logger.info({ missing }, "The integration is not configured: required variables are not set.");
    return { status: "not_configured", missing };
  }
  const run = (): ReturnType<typeof readSettings> => readSettings(integration, environment);
  const settings = await runStep({ type: integration.type, name: "config", run }, deps);
  if (!settings.ok) {
    const issues = settings.issues.map(({ field, message }) => ({ field, message: mask(message, field) }));
    logger.warn({ issues }, "The integration is not configured: values of its variables are refused.");
    return { status: "not_configured", issues };
  }
  const instance = await setUp(integration, settings.config, deps);
  const active = await activate(integration, instance, deps);
  logger.info({}, "The integration is ready.");
  return { status: "ready", active };
}

function canStart(integration: Integration): integration is ReadyIntegration {
  return integration.setup !== undefined;
}

function setUp(
  integration: ReadyIntegration,
  config: unknown,
  deps: LaunchDeps,
): Promise<IntegrationInstance> {
  const step = {
    type: integration.type,
    name: "setup",
    run: () => integration.setup(createContext(integration, config, deps)),
    onLate: deps.dispose,
  } as const;
  return runStep(step, deps);
}

/** An instance that does not become active is disposed of, and once more when its start comes through after all. */
async function activate(
  { type }: Integration,
  instance: IntegrationInstance,
  deps: LaunchDeps,
): Promise<ActiveInstance> {
  try {
    await runStep(
      {
        type,
        name: "start",
        // Without types an author may have given back nothing, which the registry says better than a TypeError.
        run: (signal) => instance?.start?.(signal),
        onLate: () => deps.dispose(instance),
      },
      deps,
    );
    deps.unwanted.throwIfAborted();
    const deactivate = deps.registry.activate(type, instance);
    return { instance, deactivate, ...healthOf(type, instance, deps) };
  } catch (error) {
    deps.dispose(instance);
    throw error;
  }
}

function healthOf(
  type: string,
  instance: IntegrationInstance,
  { clock, limits }: StepDeps,
): Pick<ActiveInstance, "health"> {
  if (instance.health === undefined) return {};
  const step = { type, name: "health", run: () => instance.health?.() } as const;
  return { health: createHealthProbe(() => runStep(step, { clock, limits })) };
}
