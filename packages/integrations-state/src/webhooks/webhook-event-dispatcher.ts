import { deliveryOutcome, webhookBody, webhookMessageId } from "@core/outbound";
import { misconfigured, permanent, retryable, skipped } from "@core/registry";
import type {
  Delivery,
  DeliveryContext,
  DeliveryOutcome,
  Dispatcher,
  FailedDelivery,
  FileLink,
  FileRef,
  StandardSchema,
} from "@core/registry";
import { z } from "zod";
import type { IntegrationsParts } from "../integrations-parts.ts";
import { attemptWebhook } from "./webhook-attempt.ts";
import { tellableError } from "./tellable-error.ts";
import { createWebhookSigners } from "./webhook-signers.ts";
import type { WebhookEventTarget } from "./webhook-outbox.ts";

export interface WebhookEventDispatcherOptions {
  /** Of one attempt, up to the last byte of the answer. Default 15,000. */
  readonly timeoutMs?: number;
  /** Where a receiver can fetch a file of a result; null when it cannot. Default: no file has a link. */
  readonly fileLink?: (file: FileRef) => FileLink | null;
}

type DispatcherParts = Omit<IntegrationsParts, "random">;

/**
 * Delivers to registered webhooks, one attempt per call: the URL, the secret and whether anything is sent at all are
 * looked up at that moment. Events are its purpose; it takes every delivery that the dispatcher of bare URLs takes.
 */
export function createWebhookEventDispatcher(
  parts: DispatcherParts,
  options: WebhookEventDispatcherOptions = {},
): Dispatcher<WebhookEventTarget> {
  const signerOf = createWebhookSigners(parts);
  return {
    target: targetSchema,
    capabilities: { files: true },
    idempotent: true,
    deliver: (delivery, context) => deliver(parts, delivery, context, { ...options, signerOf }),
  };
}

const targetSchema: StandardSchema<unknown, WebhookEventTarget> = z.strictObject(
  { webhook_id: z.string("Add the id of a webhook.").min(1, "Add the id of a webhook.") },
  'Write an object such as {"webhook_id": "…"}.',
);

interface DispatcherSettings extends WebhookEventDispatcherOptions {
  readonly signerOf: ReturnType<typeof createWebhookSigners>;
}

async function deliver(
  parts: DispatcherParts,
  delivery: Delivery<WebhookEventTarget>,
  { signal }: DeliveryContext,
  { timeoutMs = 15_000, fileLink = () => null, signerOf }: DispatcherSettings,
): Promise<DeliveryOutcome> {
  const content = webhookBody(delivery, { sentAt: new Date(parts.clock.now()), fileLink });
  if (content === null) return unsupported(delivery.kind);
  const { webhook_id: id } = delivery.target;
  const state = await parts.store.read().catch((error: unknown) => unreadable(parts, error));
  if ("failure" in state) return state;
  const webhook = state.webhooks.find((one) => one.id === id);
  if (webhook === undefined) return skipped(`The webhook ${id} was deleted.`);
  if (webhook.disabled_at !== undefined) return skipped(`The webhook ${id} is disabled: it answered 410.`);
  const signer = signerOf(webhook);
  if (!signer.ok) return misconfigured({ code: signer.code, message: signer.message });

  const attempt = await attemptWebhook(parts, webhook, {
    id: webhookMessageId(delivery),
    body: JSON.stringify(content),
    sign: signer.sign,
    timeoutMs,
    signal,
  });
  const policy = delivery.kind === "webhook_event" ? "webhook_event" : "task_result";
  return deliveryOutcome(attempt, { policy, idempotent: true });
}

function unsupported(kind: string): DeliveryOutcome {
  return permanent({
    code: "kind_unsupported",
    message: `A webhook has no form for deliveries of kind "${kind}". Choose another dispatch type for them.`,
  });
}

function unreadable({ diagnostics, logger }: DispatcherParts, error: unknown): FailedDelivery {
  diagnostics.error("integrations.webhook.look_up", error);
  logger.error({ err: error }, "The state of the webhooks cannot be read.");
  return retryable({
    code: "state_unreadable",
    message: `The webhook could not be looked up. ${tellableError(error)}`,
  });
}
