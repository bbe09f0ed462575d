export { INTEGRATION_EVENTS, AUTO_COMMIT_DEFAULT_EVENTS } from "./events/event-names.ts";
export type { IntegrationEvent } from "./events/event-names.ts";
export type { Integrations, IntegrationStateView, PublishReport } from "./integrations.ts";
export { IntegrationsError } from "./errors.ts";
export type { IntegrationsErrorCode } from "./errors.ts";
