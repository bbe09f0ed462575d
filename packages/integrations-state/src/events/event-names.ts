/** All events that webhooks and git auto-commit know. */
export const INTEGRATION_EVENTS = [
  "session.start",
  "session.end",
  "task.created",
  "task.completed",
  "roadmap.exported",
  "task.sync",
  "error",
] as const;

export type IntegrationEvent = (typeof INTEGRATION_EVENTS)[number];

/** What git auto-commit listens to until it is told otherwise. */
export const AUTO_COMMIT_DEFAULT_EVENTS: readonly IntegrationEvent[] = [
  "session.end",
  "roadmap.exported",
  "task.sync",
];
