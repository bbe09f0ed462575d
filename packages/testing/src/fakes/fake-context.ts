import type { HostPort, IntegrationContext, JsonValue, StoragePort } from "@core/registry";
import type { FakeFiles } from "./fake-files.ts";
import { createFakeFiles } from "./fake-files.ts";
import type { FakeHost } from "./fake-host.ts";
import { createFakeHost } from "./fake-host.ts";
import type { ManualClock } from "./manual-clock.ts";
import { createManualClock } from "./manual-clock.ts";
import type { RecordingLogger } from "./recording-logger.ts";
import { createRecordingLogger } from "./recording-logger.ts";

export interface FakeContextOptions<Config> {
  /** As the integration's own schema would give it. */
  readonly config: Config;
  /** By the name of the variable, or by reference. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Default: the global one, without any guard. */
  readonly fetch?: typeof fetch;
  /** What the server answers; what is missing here is answered as `createFakeHost` says. */
  readonly host?: Partial<HostPort>;
  readonly clock?: ManualClock;
  readonly logger?: RecordingLogger;
}

/** A context whose parts can be looked into. */
export interface FakeContext<Config> extends IntegrationContext<Config> {
  readonly clock: ManualClock;
  readonly logger: RecordingLogger;
  readonly host: FakeHost;
  readonly files: FakeFiles;
}

/** All that `setup` receives, without a server: storage and files in memory, a host that keeps what it is asked. */
export function createFakeContext<Config>(options: FakeContextOptions<Config>): FakeContext<Config> {
  const { config, secrets = {}, clock = createManualClock(), logger = createRecordingLogger() } = options;
  return {
    config,
    clock,
    logger,
    secrets: { resolve: async (ref) => (Object.hasOwn(secrets, ref) ? (secrets[ref] ?? null) : null) },
    http: { fetch: options.fetch ?? globalThis.fetch },
    storage: createFakeStorage(),
    files: createFakeFiles(),
    host: createFakeHost(options.host),
  };
}

/** What is kept is a copy, as after a restart. */
function createFakeStorage(): StoragePort {
  const values = new Map<string, string>();
  return {
    async get(key) {
      const text = values.get(key);
      return text === undefined ? null : (JSON.parse(text) as JsonValue);
    },
    set: async (key, value) => void values.set(key, JSON.stringify(value)),
    delete: async (key) => void values.delete(key),
  };
}
