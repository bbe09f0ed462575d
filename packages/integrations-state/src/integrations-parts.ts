import type { Outbound } from "@core/outbound";
import { createOutbound } from "@core/outbound";
import type { Clock, Logger } from "@core/registry";
import { silentLogger, systemClock } from "@core/registry";
import type { DiagnosticHooks, Diagnostics } from "./diagnostics/diagnostic-hooks.ts";
import { createDiagnostics } from "./diagnostics/diagnostic-hooks.ts";
import { createStateFile } from "./file/state-file.ts";
import type { SecretBox } from "./secrets/secret-box.ts";
import { createSecretBox } from "./secrets/secret-box.ts";
import type { StateStore } from "./state/state-store.ts";

/** What every part of an instance is made of. */
export interface IntegrationsParts {
  readonly store: StateStore;
  readonly secrets: SecretBox;
  /** The only way to the outside by HTTP. */
  readonly outbound: Outbound;
  readonly diagnostics: Diagnostics;
  readonly clock: Clock;
  /** At least 0 and less than 1. */
  readonly random: () => number;
  readonly logger: Logger;
}

export interface IntegrationsPartsOptions {
  /** The state file. Default: `data/state/integrations.json`, from the working directory of now. */
  readonly path?: string;
  /** Another place for the state than a file. Whoever made it closes it. */
  readonly store?: StateStore;
  /** 32 bytes in base64, which seal secrets and destination URLs at rest. Default: they are kept as they are. */
  readonly encryptionKey?: string | null | undefined;
  /** Keys that were used before; what they sealed still opens. */
  readonly olderEncryptionKeys?: readonly string[];
  /** Whoever made it closes it. Default: one that reaches public addresses only. */
  readonly outbound?: Outbound;
  readonly diagnostics?: DiagnosticHooks;
  readonly clock?: Clock;
  /** At least 0 and less than 1. */
  readonly random?: () => number;
  /** Default: nothing is logged. */
  readonly logger?: Logger;
}

/** Makes the options complete. @throws ENCRYPTION_KEY_INVALID */
export function createIntegrationsParts(options: IntegrationsPartsOptions = {}): IntegrationsParts {
  const { clock = systemClock, random = Math.random, logger = silentLogger, path } = options;
  const { encryptionKey = null, olderEncryptionKeys = [] } = options;
  return {
    store: options.store ?? createStateFile({ ...(path !== undefined && { path }), clock, random, logger }),
    secrets: createSecretBox(encryptionKey, olderEncryptionKeys),
    outbound: options.outbound ?? createOutbound({ clock, logger }),
    diagnostics: createDiagnostics(options.diagnostics, logger),
    clock,
    random,
    logger,
  };
}
