export { createIntegrations } from "./create-integrations.ts";
export type { IntegrationsOptions } from "./create-integrations.ts";
export { createIntegrationsParts } from "./integrations-parts.ts";
export type { IntegrationsParts, IntegrationsPartsOptions } from "./integrations-parts.ts";
export { INTEGRATION_EVENTS, AUTO_COMMIT_DEFAULT_EVENTS } from "./events/event-names.ts";
export type { IntegrationEvent } from "./events/event-names.ts";
export type { Integrations, IntegrationStateView, PublishReport } from "./integrations.ts";
export { IntegrationsError } from "./errors.ts";
export type { IntegrationsErrorCode } from "./errors.ts";
export { judgeStatus } from "./channels/notification-channel.ts";
export type {
  ChannelNotification,
  ChannelRequest,
  ComposedNotification,
  NotificationChannel,
} from "./channels/notification-channel.ts";
export { clipText, splitText, textLength } from "./channels/split-text.ts";
export type { SplitTextOptions } from "./channels/split-text.ts";
export type { DestinationInput, Destinations, DestinationSummary } from "./notifications/destinations.ts";
export type {
  DestinationResult,
  NotificationCall,
  NotificationDelivery,
  NotificationOptions,
  NotificationReport,
  Notifications,
  NotificationStatus,
} from "./notifications/notifications.ts";
export type { SmtpOptions } from "./notifications/smtp-settings.ts";
export type {
  GitAutoCommitChange,
  AutoCommitOutcome,
  GitAutoCommit,
  GitAutoCommitOptions,
} from "./git/git-auto-commit.ts";
export { NOTIFICATION_PRIORITIES } from "./state/integration-state.ts";
export type {
  NotificationPriority,
  StoredNotification,
  GitAutoCommitConfig,
  IntegrationState,
  StoredDestination,
  StoredWebhook,
} from "./state/integration-state.ts";
export type {
  WebhookInput,
  WebhookSummary,
  EmitDelivery,
  EmitOptions,
  EmitReport,
  WebhookRegistration,
  WebhookRemoval,
  Webhooks,
} from "./webhooks/webhooks.ts";
export { integrationTools } from "./tools/integration-tools.ts";
export type { IntegrationToolsOptions } from "./tools/integration-tools.ts";
export type {
  IntegrationTool,
  ToolAnnotations,
  ToolAnswer,
  ToolCallOptions,
  ToolIntegrations,
} from "./tools/integration-tool.ts";
export { toolCallResult } from "./tools/tool-call-result.ts";
export type { ToolCallResult } from "./tools/tool-call-result.ts";
export type { ToolErrorCode, ToolFault } from "./tools/tool-fault.ts";
export { createToolEvents } from "./events/tool-events.ts";
export type { ToolEventRule, ToolEventRules, ToolEvents } from "./events/tool-events.ts";
export { createGitAutoCommit } from "./git/git-auto-commit.ts";
export type { GitFailureCode } from "./git/git-failure.ts";
export type { CommitAuthor } from "./git/work-tree-commit.ts";
export { createDiagnostics } from "./diagnostics/diagnostic-hooks.ts";
export type {
  DiagnosticError,
  DiagnosticEvent,
  DiagnosticHooks,
  DiagnosticMetric,
  Diagnostics,
} from "./diagnostics/diagnostic-hooks.ts";
export { createSecretBox } from "./secrets/secret-box.ts";
export type { SecretBox } from "./secrets/secret-box.ts";
export { createWebhooks } from "./webhooks/create-webhooks.ts";
export type { WebhooksOptions } from "./webhooks/webhook-settings.ts";
export type { WebhookEvent, WebhookEventTarget, WebhookOutbox } from "./webhooks/webhook-outbox.ts";
export { createWebhookEventDispatcher } from "./webhooks/webhook-event-dispatcher.ts";
export type { WebhookEventDispatcherOptions } from "./webhooks/webhook-event-dispatcher.ts";
export { resealSecrets } from "./secrets/reseal-secrets.ts";
export type { ResealReport } from "./secrets/reseal-secrets.ts";
export { readStateDocument, writeStateDocument } from "./state/state-document.ts";
export { createStateFile } from "./file/state-file.ts";
export type { StateFileOptions } from "./file/state-file-options.ts";
export type { FileMutex, HeldMutex } from "./file/file-mutex.ts";
export type { FileSystem, OpenFile } from "./file/file-system.ts";
export type { StateMutator, StateStore, StateUpdate } from "./state/state-store.ts";
export { createNotifications } from "./notifications/create-notifications.ts";
export { createDestinations } from "./notifications/create-destinations.ts";
export type { CouriersOptions } from "./notifications/couriers.ts";
