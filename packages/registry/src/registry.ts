import type { Clock } from "./clock.ts";
import { systemClock } from "./clock.ts";
import type { DispatcherRegistry } from "./dispatcher-registry.ts";
import { createDispatcherRegistry } from "./dispatcher-registry.ts";
import { joinDispatcher } from "./dispatcher.ts";
import type { Deliverer } from "./dispatcher.ts";
import { IntegrationError } from "./errors.ts";
import type { HookName } from "./hook-events.ts";
import type { Hooks } from "./hooks.ts";
import { createHooks } from "./hooks.ts";
import type { HookSubscription, Integration, IntegrationInstance } from "./integration.ts";
import { assertHook, assertInstance, invalidIntegration } from "./integration-check.ts";
import { defineIntegration, ownerOf } from "./integration.ts";
import type { IntegrationQueries } from "./integration-queries.ts";
import { createIntegrationQueries } from "./integration-queries.ts";
import type { Logger } from "./logger.ts";
import { silentLogger } from "./logger.ts";

export interface RegistryOptions {
  readonly integrations?: readonly Integration[];
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Events that may wait for one observer. Default 1,000. */
  readonly hookQueueLimit?: number;
  /** How long one integration may take to answer a query. Default 5 s. */
  readonly queryTimeoutMs?: number;
}

/** Integrations, dispatchers and hooks of one server. */
export interface Registry extends IntegrationQueries {
  readonly integrations: readonly Integration[];
  readonly dispatchers: DispatcherRegistry;
  readonly hooks: Hooks;
  /**
   * Brings a configured integration to life: its dispatcher becomes ready and its hooks listen.
   * The returned function takes both back; an activation that throws leaves nothing behind.
   * @throws IntegrationError INTEGRATION_NOT_FOUND, INTEGRATION_ALREADY_ACTIVE, INTEGRATION_INVALID, DISPATCHER_TYPE_TAKEN
   */
  activate(type: string, instance: IntegrationInstance): () => void;
}

/**
 * Makes a registry of its own: there is no shared state between two of them.
 * @throws IntegrationError INTEGRATION_TYPE_TAKEN, INTEGRATION_INVALID, INTEGRATION_API_VERSION, DISPATCHER_TYPE_TAKEN
 */
export function createRegistry(options: RegistryOptions = {}): Registry {
  const {
    clock = systemClock,
    logger = silentLogger,
    queryTimeoutMs = 5_000,
    hookQueueLimit = 1_000,
  } = options;
  const integrations = new Map<string, Integration>();
  const active = new Map<string, IntegrationInstance>();
  const dispatchers = createDispatcherRegistry();
  const hooks = createHooks({
    clock,
    queueLimit: hookQueueLimit,
    onReport: ({ event, owner, error }) =>
      logger.warn({ event, owner, code: error.code, err: error }, error.message),
  });
  const queries = createIntegrationQueries({
    integrations: () => [...integrations.values()],
    active,
    clock,
    timeoutMs: queryTimeoutMs,
    onError: (error) => logger.warn({ code: error.code, err: error }, error.message),
  });

  for (const integration of options.integrations ?? []) add(integration);
  return { integrations: [...integrations.values()], dispatchers, hooks, ...queries, activate };

  function add(integration: Integration): void {
    const { type, dispatcher, metadata } = defineIntegration(integration);
    const holder = integrations.get(type);
    if (holder !== undefined) throw typeTaken(type, ownerOf(holder), ownerOf(integration));
    assertOwnPrefix(type, metadata?.clientIdPrefix);
    if (dispatcher) dispatchers.declare(type, dispatcher, { owner: ownerOf(integration) });
    integrations.set(type, integration);
  }

  function activate(type: string, instance: IntegrationInstance): () => void {
    const integration = integrations.get(type);
    if (integration === undefined) throw notFound(type);
    if (active.has(type)) throw alreadyActive(type);
    assertInstance(integration, instance);
    const undo: (() => void)[] = [() => active.delete(type)];
    const takeBack = (): void => {
      for (const step of undo.splice(0)) step();
    };
    active.set(type, instance);
    try {
      if (canDeliver(instance)) undo.push(readyDispatcher(integration, instance));
      for (const hook of instance.hooks ?? []) undo.push(listen(hook, integration));
      return takeBack;
    } catch (error) {
      takeBack();
      throw error;
    }
  }

  /** A client id must lead to one integration, whatever the order in which they are loaded. */
  function assertOwnPrefix(type: string, prefix: string | undefined): void {
    if (prefix === undefined) return;
    for (const { type: holder, metadata } of integrations.values()) {
      const taken = metadata?.clientIdPrefix;
      if (taken === undefined || !(taken.startsWith(prefix) || prefix.startsWith(taken))) continue;
      throw invalidIntegration(
        type,
        `Its clientIdPrefix "${prefix}" overlaps with "${taken}" of "${holder}". Choose another prefix.`,
      );
    }
  }

  function readyDispatcher(integration: Integration, deliverer: Deliverer): () => void {
    const dispatcher = joinDispatcher(integration.dispatcher ?? {}, deliverer);
    return dispatchers.register(integration.type, dispatcher, { owner: ownerOf(integration) });
  }

  function listen(hook: HookSubscription, integration: Integration): () => void {
    assertHook(integration.type, hook);
    const { event, listener, ...rest } = hook;
    return hooks.on<HookName>(event, listener, { ...rest, owner: ownerOf(integration) });
  }
}

function canDeliver(instance: IntegrationInstance): instance is IntegrationInstance & Deliverer {
  return instance.deliver !== undefined;
}

function typeTaken(type: string, holder: string, owner: string): IntegrationError {
  return new IntegrationError({
    code: "INTEGRATION_TYPE_TAKEN",
    message: `Integration type "${type}" of "${owner}" is already taken by "${holder}". Load only one of them.`,
    details: { type, holder, owner },
  });
}

function notFound(type: string): IntegrationError {
  return new IntegrationError({
    code: "INTEGRATION_NOT_FOUND",
    message: `There is no integration "${type}" in this registry. Pass it to createRegistry first.`,
    details: { type },
  });
}

function alreadyActive(type: string): IntegrationError {
  return new IntegrationError({
    code: "INTEGRATION_ALREADY_ACTIVE",
    message: `Integration "${type}" is already active. Undo its activation first.`,
    details: { type },
  });
}
