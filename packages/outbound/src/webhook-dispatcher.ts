import { permanent } from "@core/registry";
import type {
  Clock,
  Delivery,
  DeliveryContext,
  DeliveryOutcome,
  Dispatcher,
  FileLink,
  FileRef,
} from "@core/registry";
import { deliveryOutcome } from "./delivery-judgement.ts";
import { deliverJson } from "./json-delivery.ts";
import type { Outbound } from "./outbound.ts";
import { webhookBody, webhookMessageId } from "./webhook-body.ts";
import { createWebhookSigner } from "./webhook-signature.ts";
import { webhookTargetSchema } from "./webhook-target.ts";
import type { WebhookTarget } from "./webhook-target.ts";

export interface WebhookDispatcherOptions {
  readonly outbound: Outbound;
  /** `whsec_…`, at least one; each signs every delivery. */
  readonly signingSecrets: readonly string[];
  /** Of one attempt, up to the last byte of the answer. Default 15,000. */
  readonly timeoutMs?: number;
  /** Where a receiver can fetch a file, asked on every attempt; null when it cannot. Default: no file has a link. */
  readonly fileLink?: (file: FileRef) => FileLink | null;
  /** Default: the clock of each delivery's context. */
  readonly clock?: Clock;
  /** Default `agent-integrations-webhook/1`. */
  readonly userAgent?: string;
}

/**
 * Delivers to a URL by signed POST, one attempt per call.
 * @throws WEBHOOK_SECRET_INVALID when a secret cannot be read or there is none.
 */
export function createWebhookDispatcher(options: WebhookDispatcherOptions): Dispatcher<WebhookTarget> {
  const sign = createWebhookSigner(options.signingSecrets);
  return {
    target: webhookTargetSchema(options.outbound.guard),
    capabilities: { files: true },
    idempotent: true,
    deliver: (delivery, context) => deliver(delivery, context, { ...options, sign }),
  };
}

async function deliver(
  delivery: Delivery<WebhookTarget>,
  context: DeliveryContext,
  options: Omit<WebhookDispatcherOptions, "signingSecrets"> & {
    readonly sign: ReturnType<typeof createWebhookSigner>;
  },
): Promise<DeliveryOutcome> {
  const { outbound, sign, timeoutMs = 15_000, clock = context.clock } = options;
  const { fileLink = () => null } = options;
  const timestamp = new Date(clock.now());
  const content = webhookBody(delivery, { sentAt: timestamp, fileLink });
  if (content === null) return unsupported(delivery.kind);

  const body = JSON.stringify(content);
  const attempt = await deliverJson(outbound, {
    url: delivery.target.url,
    body,
    headers: {
      "user-agent": options.userAgent ?? "agent-integrations-webhook/1",
      ...sign({ id: webhookMessageId(delivery), timestamp, body }),
    },
    timeoutMs,
    clock,
    signal: context.signal,
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
