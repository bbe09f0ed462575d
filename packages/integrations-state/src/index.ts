export { INTEGRATION_EVENTS, AUTO_COMMIT_DEFAULT_EVENTS } from "./events/event-names.ts";
export type { IntegrationEvent } from "./events/event-names.ts";
export type { Integrations, IntegrationStateView, PublishReport } from "./integrations.ts";
export { IntegrationsError } from "./errors.ts";
export type { IntegrationsErrorCode } from "./errors.ts";
export { createDiagnostics } from "./diagnostics/diagnostic-hooks.ts";
export type {
  DiagnosticError,
  DiagnosticEvent,
  DiagnosticHooks,
  DiagnosticMetric,
  Diagnostics,
} from "./diagnostics/diagnostic-hooks.ts";
export type { IntegrationsParts } from "./integrations-parts.ts";
export { createSecretBox } from "./secrets/secret-box.ts";
export type { SecretBox } from "./secrets/secret-box.ts";
export { createWebhooks } from "./webhooks/create-webhooks.ts";
export type { WebhooksOptions } from "./webhooks/webhook-settings.ts";
export type {
  EmitDelivery,
  EmitOptions,
  EmitReport,
  WebhookInput,
  WebhookRegistration,
  WebhookRemoval,
  Webhooks,
  WebhookSummary,
} from "./webhooks/webhooks.ts";
export type { WebhookEvent, WebhookEventTarget, WebhookOutbox } from "./webhooks/webhook-outbox.ts";
export { createWebhookEventDispatcher } from "./webhooks/webhook-event-dispatcher.ts";
export type { WebhookEventDispatcherOptions } from "./webhooks/webhook-event-dispatcher.ts";
