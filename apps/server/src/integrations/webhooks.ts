import { createOutbound, createWebhookDispatcher } from "@core/outbound";
import type { Logger, Registry } from "@core/registry";
import type { Configuration } from "../configuration.ts";
import type { FileLinks } from "../files/file-links.ts";
import type { Keys } from "../keys.ts";

export interface WebhookOptions {
  readonly keys: Pick<Keys, "signingSecret">;
  readonly links: FileLinks;
  readonly configuration: Pick<Configuration, "outboundAllow" | "outboundTimeoutMs">;
  readonly logger: Logger;
}

/** Registers the dispatcher of webhooks, and gives back what ends its connections. */
export function registerWebhooks({ dispatchers }: Registry, options: WebhookOptions): () => Promise<void> {
  const { keys, links, configuration, logger } = options;
  const outbound = createOutbound({ allow: configuration.outboundAllow, logger });
  const webhooks = createWebhookDispatcher({
    outbound,
    signingSecrets: [keys.signingSecret.value],
    fileLink: links.linkTo,
    timeoutMs: configuration.outboundTimeoutMs,
  });
  dispatchers.register("webhook", webhooks, { owner: "@core/outbound" });
  return () => outbound.close();
}
