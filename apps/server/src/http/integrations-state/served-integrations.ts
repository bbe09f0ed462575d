import type { Integrations } from "@core/integrations-state";

/** What the API needs of webhooks, notifications and git auto-commit. */
export type ServedIntegrations = Pick<
  Integrations,
  | "getIntegrationState"
  | "listWebhooks"
  | "registerWebhook"
  | "deleteWebhook"
  | "emitWebhookEvent"
  | "getGitAutoCommitConfig"
  | "setGitAutoCommitConfig"
  | "listNotifications"
  | "sendNotification"
  | "listDestinations"
  | "setDestination"
  | "deleteDestination"
>;
