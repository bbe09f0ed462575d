import { createRegistry, defineIntegration, silentLogger } from "@core/registry";
import type {
  Integration,
  IntegrationInstance,
  IntegrationSpec,
  LogFields,
  Logger,
  Registry,
  SchemaResult,
  StandardSchema,
} from "@core/registry";
import { createManualClock } from "@core/testing";
import type { ManualClock } from "@core/testing";
import { createIntegrationHost, unavailableHost } from "../src/index.ts";
import type { IntegrationHost, IntegrationHostOptions, IntegrationPorts } from "../src/index.ts";

/** A promise that never settles. */
export const never: Promise<never> = new Promise(() => {});

/** An integration called `hello` unless it says otherwise. */
export function integration<Config = unknown>(
  spec: Partial<IntegrationSpec<unknown, Config>> = {},
): Integration {
  return defineIntegration({ type: "hello", apiVersion: 1, ...spec });
}

/** An integration whose `setup` gives this instance. */
export function integrationOf(instance: IntegrationInstance, type = "hello"): Integration {
  return integration({ type, setup: () => instance });
}

/** A schema that answers as told. */
export function schemaOf(
  validate: (value: unknown) => SchemaResult<unknown> | Promise<SchemaResult<unknown>>,
): StandardSchema {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

export interface HostFixture {
  readonly host: IntegrationHost;
  readonly registry: Registry;
  readonly clock: ManualClock;
  readonly logger: RecordingLogger;
}

/** A host of these integrations, with a fake clock and ports that do nothing. */
export function hostOf(
  integrations: readonly Integration[],
  options: Partial<IntegrationHostOptions> = {},
): HostFixture {
  const clock = createManualClock(0);
  const logger = recordingLogger();
  const registry = options.registry ?? createRegistry({ integrations, clock });
  const host = createIntegrationHost({
    environment: {},
    ports: idlePorts(),
    clock,
    logger,
    ...options,
    registry,
  });
  return { host, registry, clock, logger };
}

export function idlePorts(ports: Partial<IntegrationPorts> = {}): IntegrationPorts {
  return {
    http: () => ({ fetch: () => never }),
    storage: () => ({ get: async () => null, set: async () => {}, delete: async () => {} }),
    files: { open: async () => null, link: () => null, put: () => never },
    host: unavailableHost(),
    ...ports,
  };
}

interface LogLine extends LogFields {
  readonly level: string;
  readonly message: string;
}

interface RecordingLogger extends Logger {
  readonly lines: LogLine[];
}

/** A logger that keeps what it and its children are told. */
function recordingLogger(bound: LogFields = {}, lines: LogLine[] = []): RecordingLogger {
  const at =
    (level: string) =>
    (fields: LogFields, message: string): void =>
      void lines.push({ ...bound, ...fields, level, message });
  return {
    ...silentLogger,
    lines,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => recordingLogger({ ...bound, ...fields }, lines),
  };
}

/** Hands over what the types forbid, as an author without types might. */
export function untyped(value: unknown): never {
  return value as never;
}
