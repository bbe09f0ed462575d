import type { IntegrationState, StoredNotification, StoredWebhook } from "../state/integration-state.ts";

const TIME = "2026-03-01T10:00:00.000Z";

/** A webhook as files of the first version hold it. */
export const REFERENCE_WEBHOOK: StoredWebhook = {
  id: "w1",
  url: "https://example.com/hook",
  events: ["session.end", "error"],
  secret: "hunter2",
  created_at: TIME,
  updated_at: TIME,
};

export const REFERENCE_NOTIFICATION: StoredNotification = {
  id: "n1",
  channel: "webhook",
  message: "Done.",
  priority: "high",
  delivered: true,
  created_at: TIME,
  meta: { status: 200 },
};

/** A whole file of the first version. */
export const REFERENCE_FILE: Omit<IntegrationState, "destinations"> = {
  version: 1,
  updated_at: TIME,
  webhooks: [REFERENCE_WEBHOOK],
  git_auto_commit: { enabled: true, on_events: ["task.sync"] },
  notifications: [REFERENCE_NOTIFICATION],
};
