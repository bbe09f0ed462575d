import type { Capabilities, FieldIssue, Integration, IntegrationHealth } from "@core/registry";
import { declaredVariables, variableValue } from "./integration-environment.ts";
import type { DeclaredVariable, Environment } from "./integration-environment.ts";
import type { IntegrationState } from "./integration-state.ts";

/** How one integration stands, in the form that HTTP answers show. It never holds the value of a variable. */
export interface IntegrationStatus {
  readonly type: string;
  readonly package_name: string | null;
  readonly description: string | null;
  /** `ready` also when it has nothing to start. */
  readonly status: "starting" | "ready" | "not_configured" | "failed" | "stopped";
  /** Since when it stands so, ISO 8601. */
  readonly since: string;
  /** Of one that is not configured: the required variables that are not set. */
  readonly missing?: readonly string[];
  /** Of one that is not configured: what its schema says of the variables that are set. */
  readonly issues?: readonly FieldIssue[];
  /** Why it failed. */
  readonly error?: string;
  /** Of a ready one that can tell. */
  readonly health?: IntegrationHealth;
  /** Of its dispatcher; null when it has none. */
  readonly capabilities: Capabilities | null;
  /** The variables that it declares. */
  readonly environment: readonly VariableStatus[];
}

export interface VariableStatus extends DeclaredVariable {
  readonly set: boolean;
}

export interface StatusFacts {
  readonly state: IntegrationState;
  /** In milliseconds since the Unix epoch. */
  readonly since: number;
  readonly health: IntegrationHealth | undefined;
  readonly environment: Environment;
}

/** Puts together what is known of an integration. */
export function integrationStatus(
  integration: Integration,
  { state, since, health, environment }: StatusFacts,
): IntegrationStatus {
  return {
    type: integration.type,
    package_name: integration.packageName ?? null,
    description: integration.description ?? null,
    status: state.status,
    since: new Date(since).toISOString(),
    ...("missing" in state && { missing: state.missing }),
    ...("issues" in state && { issues: state.issues }),
    ...("error" in state && { error: state.error }),
    ...(health && { health }),
    capabilities: integration.dispatcher === undefined ? null : { ...integration.dispatcher.capabilities },
    environment: declaredVariables(integration).map((variable) => ({
      ...variable,
      set: variableValue(environment, variable.name) !== undefined,
    })),
  };
}
