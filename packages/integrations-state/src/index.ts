export { INTEGRATION_EVENTS, AUTO_COMMIT_DEFAULT_EVENTS } from "./events/event-names.ts";
export type { IntegrationEvent } from "./events/event-names.ts";
export type { Integrations, IntegrationStateView, PublishReport } from "./integrations.ts";
export { IntegrationsError } from "./errors.ts";
export type { IntegrationsErrorCode } from "./errors.ts";
export type { GitAutoCommitChange } from "./git/git-auto-commit.ts";
export type { DestinationInput, DestinationSummary } from "./notifications/destinations.ts";
export type { NotificationOptions, NotificationStatus } from "./notifications/notifications.ts";
export { NOTIFICATION_PRIORITIES } from "./state/integration-state.ts";
export type { WebhookInput, WebhookSummary } from "./webhooks/webhooks.ts";
export { integrationTools } from "./tools/integration-tools.ts";
export type { IntegrationToolsOptions } from "./tools/integration-tools.ts";
export type {
  IntegrationTool,
  ToolAnnotations,
  ToolAnswer,
  ToolCallOptions,
} from "./tools/integration-tool.ts";
export { toolCallResult } from "./tools/tool-call-result.ts";
export type { ToolCallResult } from "./tools/tool-call-result.ts";
export type { ToolErrorCode, ToolFault } from "./tools/tool-fault.ts";
