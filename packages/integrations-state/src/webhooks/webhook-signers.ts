import type { WebhookMessage } from "@core/outbound";
import { createWebhookSigner, isWebhookSecret, signAmsSignature } from "@core/outbound";
import type { IntegrationsParts } from "../integrations-parts.ts";
import type { StoredWebhook } from "../state/integration-state.ts";
import { tellableError } from "./tellable-error.ts";

/** Makes the headers that prove where a request comes from, and by which copies of it are known. */
export type WebhookSigner = (message: WebhookMessage) => Readonly<Record<string, string>>;

/** How to sign for a webhook, or why that cannot be done: then nothing goes out unsigned instead. */
export type SignerAnswer =
  | { readonly ok: true; readonly sign: WebhookSigner }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Opens a secret and reads its key once, for as long as a webhook has that secret. */
export function createWebhookSigners({
  secrets,
  diagnostics,
  logger,
}: Pick<IntegrationsParts, "secrets" | "diagnostics" | "logger">): (webhook: StoredWebhook) => SignerAnswer {
  const known = new Map<string, { readonly sealed: string; readonly answer: SignerAnswer }>();

  return ({ id, secret: sealed }) => {
    const kept = known.get(id);
    if (kept?.sealed === sealed) return kept.answer;
    try {
      const answer = { ok: true, sign: signerWith(secrets.open(sealed)) } as const;
      // Those that were deleted need not be told apart from the others.
      if (known.size >= MOST_KEPT) known.clear();
      known.set(id, { sealed, answer });
      return answer;
    } catch (error) {
      diagnostics.error("integrations.webhook.open_secret", error, { webhook_id: id });
      logger.error({ webhook_id: id, err: error }, "The secret of a webhook cannot be opened.");
      return { ok: false, code: "secret_unreadable", message: tellableError(error) };
    }
  };
}

const MOST_KEPT = 1_000;

/** The id goes with every request, so that receivers can drop copies whatever they verify. */
function signerWith(secret: string): WebhookSigner {
  const standard = isWebhookSecret(secret)
    ? createWebhookSigner([secret])
    : ({ id }: WebhookMessage) => ({ "webhook-id": id });
  return (message) => ({ ...standard(message), ...signAmsSignature(message.body, secret) });
}
