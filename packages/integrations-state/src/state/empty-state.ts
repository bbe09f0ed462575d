import { AUTO_COMMIT_DEFAULT_EVENTS } from "../events/event-names.ts";
import type { IntegrationState } from "./integration-state.ts";

/** What there is before anything was set. */
export function emptyState(now: Date): IntegrationState {
  return {
    version: 1,
    updated_at: now.toISOString(),
    webhooks: [],
    git_auto_commit: { enabled: false, on_events: [...AUTO_COMMIT_DEFAULT_EVENTS] },
    notifications: [],
    destinations: [],
  };
}
