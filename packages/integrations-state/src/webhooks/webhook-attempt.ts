import type { DeliveryAttempt } from "@core/outbound";
import { deliverJson, deliveryOutcome } from "@core/outbound";
import type { IntegrationsParts } from "../integrations-parts.ts";
import type { StoredWebhook } from "../state/integration-state.ts";
import { disableWebhook } from "./webhook-disabling.ts";
import type { WebhookSigner } from "./webhook-signers.ts";

/** What is posted to a webhook, and for how long it may take. */
export interface WebhookRequest {
  /** The same on every attempt. */
  readonly id: string;
  /** The same bytes on every attempt. */
  readonly body: string | Uint8Array;
  readonly sign: WebhookSigner;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export type AttemptParts = Omit<IntegrationsParts, "random" | "secrets">;

/** Posts once, signed with the time of this attempt. Disables a webhook that answers 410. Failures are values. */
export async function attemptWebhook(
  parts: AttemptParts,
  webhook: StoredWebhook,
  { id, body, sign, timeoutMs, signal }: WebhookRequest,
): Promise<DeliveryAttempt> {
  const { outbound, diagnostics, clock } = parts;
  const startedAt = clock.now();
  const attempt = await deliverJson(outbound, {
    url: webhook.url,
    body,
    headers: { "user-agent": USER_AGENT, ...sign({ id, timestamp: Math.floor(startedAt / 1_000), body }) },
    timeoutMs,
    clock,
    ...(signal && { signal }),
  });
  diagnostics.metric("integrations.webhook.attempt_ms", clock.now() - startedAt, {
    outcome: outcomeOf(attempt),
  });
  if (attempt.status === "answered" && attempt.answer.status === GONE) await disableWebhook(parts, webhook);
  return attempt;
}

const USER_AGENT = "agent-integrations-webhook/1";
const GONE = 410;

function outcomeOf(attempt: DeliveryAttempt): string {
  const outcome = deliveryOutcome(attempt, { policy: "webhook_event", idempotent: true });
  return outcome.status === "failed" ? outcome.code : outcome.status;
}
