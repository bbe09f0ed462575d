import { silentLogger, systemClock } from "@core/registry";
import type { Clock, Integration, Logger, Registry } from "@core/registry";
import type { IntegrationPorts } from "./integration-context.ts";
import { secretVariables, withoutSecretsOfOthers } from "./integration-environment.ts";
import type { Environment } from "./integration-environment.ts";
import { createIntegrationLife, hostStopped } from "./integration-life.ts";
import type { IntegrationLife, LifeDeps } from "./integration-life.ts";
import type { IntegrationStatus } from "./integration-status.ts";
import { createVariableMask } from "./variable-mask.ts";

export interface IntegrationHostOptions {
  readonly registry: Registry;
  /** The variables that integrations are configured with; each one sees only those that it declares. */
  readonly environment: Environment;
  readonly ports: IntegrationPorts;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** For reading the settings of an integration, and again for its `setup`. Default 10,000. */
  readonly setupTimeoutMs?: number;
  /** Default 30,000. */
  readonly startTimeoutMs?: number;
  /** For `stop`, and for a setup or start to end that is interrupted by it. Default 5,000. */
  readonly stopTimeoutMs?: number;
  /** Default 2,000. */
  readonly healthTimeoutMs?: number;
}

/** Starts, watches and stops the integrations of one registry. */
export interface IntegrationHost extends AsyncDisposable {
  /**
   * Starts all integrations at once; resolves when each is ready, not configured or failed. Never rejects because of
   * an integration.
   * @throws HostError HOST_STOPPED after `stop()`
   */
  start(): Promise<void>;
  /**
   * Takes back the dispatchers and hooks of those that are ready and stops them, all at once; interrupts those that
   * still start. Never rejects; may be called twice.
   */
  stop(): Promise<void>;
  /** How each integration stands, in the order of the registry. Asks the ready ones for their health, unless told not to. */
  list(options?: { readonly askHealth?: boolean }): Promise<readonly IntegrationStatus[]>;
}

/** Brings the integrations of a registry to life in one server. Nothing runs before `start()`. */
export function createIntegrationHost(options: IntegrationHostOptions): IntegrationHost {
  const { integrations } = options.registry;
  const depsOf = lifeDeps(options);
  const lives = integrations.map((integration) => createIntegrationLife(integration, depsOf(integration)));
  let stopped = false;

  return { start, stop, list, [Symbol.asyncDispose]: stop };

  async function start(): Promise<void> {
    if (stopped) throw hostStopped();
    await each((life) => life.start());
  }

  async function stop(): Promise<void> {
    stopped = true;
    await each((life) => life.stop());
  }

  function list({ askHealth = true } = {}): Promise<readonly IntegrationStatus[]> {
    return each((life) => life.status(askHealth));
  }

  function each<Result>(call: (life: IntegrationLife) => Promise<Result>): Promise<Result[]> {
    return Promise.all(lives.map(call));
  }
}

function lifeDeps(options: IntegrationHostOptions): (integration: Integration) => LifeDeps {
  const { registry, environment, ports, clock = systemClock, logger = silentLogger } = options;
  const secrets = secretVariables(registry.integrations);
  const limits = {
    setupTimeoutMs: options.setupTimeoutMs ?? 10_000,
    startTimeoutMs: options.startTimeoutMs ?? 30_000,
    stopTimeoutMs: options.stopTimeoutMs ?? 5_000,
    healthTimeoutMs: options.healthTimeoutMs ?? 2_000,
  };
  return (integration) => ({
    registry,
    environment: withoutSecretsOfOthers(integration, environment, secrets),
    ports,
    clock,
    limits,
    logger: logger.child({ integration: integration.type }),
    mask: createVariableMask(integration, secrets, environment),
  });
}
