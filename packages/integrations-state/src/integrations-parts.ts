import type { Outbound } from "@core/outbound";
import type { Clock, Logger } from "@core/registry";
import type { Diagnostics } from "./diagnostics/diagnostic-hooks.ts";
import type { SecretBox } from "./secrets/secret-box.ts";
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
