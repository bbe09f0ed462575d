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
