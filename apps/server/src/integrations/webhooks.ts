import type { Outbound } from "@core/outbound";
import { createWebhookDispatcher } from "@core/outbound";
import type { Registry } from "@core/registry";
import type { Configuration } from "../configuration.ts";
import type { FileLinks } from "../files/file-links.ts";
import type { Keys } from "../keys.ts";

export interface WebhookOptions {
  readonly outbound: Outbound;
  readonly keys: Pick<Keys, "signingSecret">;
  readonly links: FileLinks;
  readonly configuration: Pick<Configuration, "outboundTimeoutMs">;
}

/** Registers the dispatcher of webhooks. */
export function registerWebhooks({ dispatchers }: Registry, options: WebhookOptions): void {
  const { outbound, keys, links, configuration } = options;
  const webhooks = createWebhookDispatcher({
    outbound,
    signingSecrets: [keys.signingSecret.value],
    fileLink: links.linkTo,
    timeoutMs: configuration.outboundTimeoutMs,
  });
  dispatchers.register("webhook", webhooks, { owner: "@core/outbound" });
}
