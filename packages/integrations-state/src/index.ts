export { INTEGRATION_EVENTS, AUTO_COMMIT_DEFAULT_EVENTS } from "./events/event-names.ts";
export type { IntegrationEvent } from "./events/event-names.ts";
export type { Integrations, IntegrationStateView, PublishReport } from "./integrations.ts";
export { IntegrationsError } from "./errors.ts";
export type { IntegrationsErrorCode } from "./errors.ts";
export { resealSecrets } from "./secrets/reseal-secrets.ts";
export type { ResealReport } from "./secrets/reseal-secrets.ts";
export { readStateDocument, writeStateDocument } from "./state/state-document.ts";
export type {
  GitAutoCommitConfig,
  IntegrationState,
  NotificationPriority,
  StoredDestination,
  StoredNotification,
  StoredWebhook,
} from "./state/integration-state.ts";
export { createStateFile } from "./file/state-file.ts";
export type { StateFileOptions } from "./file/state-file-options.ts";
export type { FileMutex, HeldMutex } from "./file/file-mutex.ts";
export type { FileSystem, OpenFile } from "./file/file-system.ts";
export type { StateMutator, StateStore, StateUpdate } from "./state/state-store.ts";
