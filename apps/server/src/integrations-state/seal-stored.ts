import type { IntegrationsParts } from "@core/integrations-state";
import { resealSecrets } from "@core/integrations-state";

/** Seals the secrets that stand in clear, or under an older key, in a state of before. Never rejects. */
export async function sealStored(parts: IntegrationsParts): Promise<void> {
  const { logger } = parts;
  try {
    const { resealed, unopened } = await resealSecrets(parts);
    if (resealed > 0)
      logger.info({ secrets: resealed }, "Stored secrets were sealed with this server's key.");
    if (unopened > 0) {
      logger.warn(
        { secrets: unopened },
        "Some stored secrets were sealed with another key and cannot be used. Set ENCRYPTION_KEY to that key, or write them anew.",
      );
    }
  } catch (error) {
    logger.warn(
      { err: error },
      "The state of webhooks and destinations could not be looked through at the start.",
    );
  }
}
