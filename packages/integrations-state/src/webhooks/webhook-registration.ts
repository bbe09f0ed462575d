import { randomUUID } from "node:crypto";
import { generateWebhookSecret, isWebhookSecret } from "@core/outbound";
import { INTEGRATION_EVENTS } from "../events/event-names.ts";
import type { IntegrationsParts } from "../integrations-parts.ts";
import type { StoredWebhook } from "../state/integration-state.ts";
import { normalisedUrl, readWebhookInput } from "./webhook-input.ts";
import { webhookSummary } from "./webhook-summary.ts";
import type { WebhookInput, WebhookRegistration } from "./webhooks.ts";

/** Registers a webhook, or changes and enables the one with the same URL. @throws INTEGRATIONS_INPUT_INVALID */
export async function registerWebhook(
  { store, secrets, outbound, diagnostics, clock }: IntegrationsParts,
  input: WebhookInput,
): Promise<WebhookRegistration> {
  const { url, events, ...wanted } = readWebhookInput(input, outbound.guard);
  const secret = wanted.generate_secret ? generateWebhookSecret() : wanted.secret;
  const change = {
    url,
    updated_at: new Date(clock.now()).toISOString(),
    ...(events && { events }),
    ...(secret !== undefined && { secret: secrets.seal(secret) }),
  };
  const { result } = await store.update(({ webhooks }) => put(webhooks, change));

  const { created, webhook } = result;
  diagnostics.metric("integrations.webhook.registered", 1, { created });
  diagnostics.event("integrations.webhook.registered", { webhook_id: webhook.id, created });
  return {
    created,
    webhook,
    ...(wanted.generate_secret && secret !== undefined && { secret }),
    warnings: warningsOf(secret),
  };
}

type Change = Pick<StoredWebhook, "url" | "updated_at"> & Partial<Pick<StoredWebhook, "events" | "secret">>;

function put(webhooks: StoredWebhook[], change: Change): Pick<WebhookRegistration, "created" | "webhook"> {
  const known = webhooks.find(({ url }) => normalisedUrl(url) === change.url);
  if (known !== undefined) {
    Object.assign(known, change);
    delete known.disabled_at;
    if (change.events !== undefined) delete known.unknown_events;
    return { created: false, webhook: webhookSummary(known) };
  }
  const added = {
    id: randomUUID(),
    events: [...INTEGRATION_EVENTS],
    secret: "",
    created_at: change.updated_at,
    ...change,
  };
  webhooks.push(added);
  return { created: true, webhook: webhookSummary(added) };
}

function warningsOf(secret: string | undefined): string[] {
  return secret === undefined || secret === "" || isWebhookSecret(secret) ? [] : [LITERAL_SECRET];
}

const LITERAL_SECRET =
  "The secret is not whsec_ and base64: requests are signed by X-AMS-Signature alone, which has no time, so a receiver cannot tell a replay by it. Register again with generate_secret for Standard Webhooks headers.";
