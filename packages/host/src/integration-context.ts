import type {
  Clock,
  FilePort,
  HostPort,
  HttpPort,
  Integration,
  IntegrationContext,
  Logger,
  SecretPort,
  StoragePort,
} from "@core/registry";
import { trustedOrigins, variableValue } from "./integration-environment.ts";
import type { Environment } from "./integration-environment.ts";

/** What the server lends to its integrations. */
export interface IntegrationPorts {
  /** The HTTP of one integration, behind the server's guard. */
  http(request: HttpPortRequest): HttpPort;
  /** Keys and values of one integration, such as `createIntegrationStorage` makes. */
  storage(type: string): StoragePort;
  readonly files: FilePort;
  readonly host: HostPort;
}

export interface HttpPortRequest {
  /** Whose requests they are. */
  readonly type: string;
  /** Such as `http://127.0.0.1:4003`: addresses that the operator has set in the integration's variables. */
  readonly trustedOrigins: readonly string[];
}

export interface ContextDeps {
  readonly environment: Environment;
  readonly ports: IntegrationPorts;
  readonly clock: Clock;
  /** The integration's own. */
  readonly logger: Logger;
}

/** All that an integration's `setup` receives. */
export function createContext(
  integration: Integration,
  config: unknown,
  { environment, ports, clock, logger }: ContextDeps,
): IntegrationContext {
  const { type } = integration;
  return {
    logger,
    config,
    clock,
    secrets: createSecretPort(integration, environment),
    http: ports.http({ type, trustedOrigins: trustedOrigins(integration, environment) }),
    storage: ports.storage(type),
    files: ports.files,
    host: ports.host,
  };
}

/** Knows the variables that the integration itself declares as secret, and nobody else's. */
function createSecretPort({ environment: declared }: Integration, environment: Environment): SecretPort {
  const names = declared?.secret ?? [];
  return {
    resolve: async (ref) => (names.includes(ref) ? (variableValue(environment, ref) ?? null) : null),
  };
}
