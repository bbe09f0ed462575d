import type { Integration, IntegrationHealth, IntegrationInstance } from "@core/registry";
import { HostError } from "./errors.ts";
import { launch } from "./integration-launch.ts";
import type { LaunchDeps } from "./integration-launch.ts";
import type { ActiveInstance, IntegrationState } from "./integration-state.ts";
import { integrationStatus } from "./integration-status.ts";
import type { IntegrationStatus } from "./integration-status.ts";
import { runStep } from "./integration-step.ts";
import { messageOf } from "./thrown-value.ts";

/** One integration, from its settings to its stop. */
export interface IntegrationLife {
  /** Ends when it is up, or known not to come up. Never rejects. */
  start(): Promise<void>;
  /** Ends when it has stopped, or its time for that is over. Never rejects; may be called twice. */
  stop(): Promise<void>;
  status(askHealth: boolean): Promise<IntegrationStatus>;
}

export type LifeDeps = Omit<LaunchDeps, "unwanted" | "dispose">;

/** The life of one integration of a registry, which is lived once. */
export function createIntegrationLife(integration: Integration, deps: LifeDeps): IntegrationLife {
  const { type } = integration;
  const { environment, clock, limits, logger, mask } = deps;
  const stop = new AbortController();
  const disposals = new Set<Promise<void>>();
  let state: IntegrationState = { status: "stopped" };
  let since = clock.now();
  let up: Promise<void> | undefined;

  return {
    start: () => (up ??= bringUp()),
    stop: bringDown,
    async status(asksHealth) {
      const health = asksHealth ? await askHealth() : undefined;
      return integrationStatus(integration, { state, since, environment, health });
    },
  };

  async function bringUp(): Promise<void> {
    enter({ status: "starting" });
    try {
      enter(await launch(integration, { ...deps, unwanted: stop.signal, dispose }));
    } catch (error) {
      if (stop.signal.aborted) return enter({ status: "stopped" });
      logger.error({ err: error }, "The integration failed to start.");
      enter({ status: "failed", error: mask(messageOf(error)) });
    }
  }

  async function bringDown(): Promise<void> {
    stop.abort(hostStopped());
    await up;
    if (state.status === "ready") {
      const { active } = state;
      enter({ status: "stopped" });
      if (active !== undefined) takeDown(active);
    }
    while (disposals.size > 0) await Promise.all(disposals);
  }

  function takeDown({ instance, deactivate }: ActiveInstance): void {
    try {
      deactivate();
    } catch (error) {
      logger.warn({ err: error }, "The integration's dispatcher and hooks could not be taken back.");
    }
    dispose(instance);
  }

  function dispose(instance: IntegrationInstance): void {
    const disposal = stopInstance(instance).finally(() => disposals.delete(disposal));
    disposals.add(disposal);
  }

  async function stopInstance(instance: IntegrationInstance): Promise<void> {
    try {
      await runStep({ type, name: "stop", run: (signal) => instance?.stop?.(signal) }, { clock, limits });
    } catch (error) {
      logger.warn({ err: error }, "The integration did not stop properly.");
    }
  }

  function enter(next: IntegrationState): void {
    state = next;
    since = clock.now();
  }

  async function askHealth(): Promise<IntegrationHealth | undefined> {
    const health = state.status === "ready" ? await state.active?.health?.() : undefined;
    return health?.detail === undefined ? health : { ...health, detail: mask(health.detail) };
  }
}

/** Why a start is aborted, or was refused. */
export function hostStopped(): HostError {
  return new HostError({
    code: "HOST_STOPPED",
    message:
      "The integration host was stopped, and starts nothing any more. Make a new one to start its integrations again.",
  });
}
