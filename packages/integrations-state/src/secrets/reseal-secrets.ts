import type { IntegrationsParts } from "../integrations-parts.ts";
import type { IntegrationState } from "../state/integration-state.ts";
import type { SecretBox } from "./secret-box.ts";

export interface ResealReport {
  /** Secrets that are stored under the key of today from now on, or in clear when there is none. */
  readonly resealed: number;
  /** Secrets that stay as they are, because no known key opens them. */
  readonly unopened: number;
}

/**
 * Stores all secrets anew that were stored in clear or under an older key. Once it has been done by every server, and
 * none is unopened, the older keys may be forgotten.
 */
export async function resealSecrets({
  store,
  secrets,
}: Pick<IntegrationsParts, "store" | "secrets">): Promise<ResealReport> {
  const { resealed, unopened } = reseal(await store.read(), secrets);
  if (resealed === 0) return { resealed, unopened };
  return (await store.update((state) => reseal(state, secrets))).result;
}

function reseal(state: IntegrationState, secrets: SecretBox): ResealReport {
  const report = { resealed: 0, unopened: 0 };
  const anew = (stored: string): string => {
    if (secrets.isCurrent(stored)) return stored;
    try {
      const sealed = secrets.seal(secrets.open(stored));
      report.resealed += 1;
      return sealed;
    } catch {
      // Whoever uses it is told why.
      report.unopened += 1;
      return stored;
    }
  };
  for (const webhook of state.webhooks) webhook.secret = anew(webhook.secret);
  for (const destination of state.destinations) destination.url = anew(destination.url);
  return report;
}
