import type { IntegrationsParts } from "../integrations-parts.ts";
import type { StoredWebhook } from "../state/integration-state.ts";
import { tellableError } from "./tellable-error.ts";

/** A webhook's secret in clear, or why there is none to be had. */
export type OpenedSecret =
  | { readonly isOpen: true; readonly secret: string }
  | { readonly isOpen: false; readonly failure: { readonly code: string; readonly message: string } };

/** Opens the secret of a webhook. One that cannot be opened is reported, and nothing goes out unsigned instead. */
export function openSecret(
  { secrets, diagnostics, logger }: Pick<IntegrationsParts, "secrets" | "diagnostics" | "logger">,
  { id, secret }: StoredWebhook,
): OpenedSecret {
  try {
    return { isOpen: true, secret: secrets.open(secret) };
  } catch (error) {
    diagnostics.error("integrations.webhook.open_secret", error, { webhook_id: id });
    logger.error({ webhook_id: id, err: error }, "The secret of a webhook cannot be opened.");
    return { isOpen: false, failure: { code: "secret_unreadable", message: tellableError(error) } };
  }
}
