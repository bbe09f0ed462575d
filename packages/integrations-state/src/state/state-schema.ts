import { createHash } from "node:crypto";
import { z } from "zod";
import { AUTO_COMMIT_DEFAULT_EVENTS, INTEGRATION_EVENTS } from "../events/event-names.ts";
import type { IntegrationEvent } from "../events/event-names.ts";
import type { IntegrationState, NotificationPriority } from "./integration-state.ts";

/** How many notifications are kept; the newest are. */
export const NOTIFICATIONS_KEPT = 200;

const NEVER = new Date(0).toISOString();

/** Null counts as missing, as in files that other programs wrote. */
function missing<Schema extends z.ZodType>(
  schema: Schema,
  fallback: z.output<Schema>,
): z.ZodType<z.output<Schema>> {
  return schema.nullish().transform((value) => value ?? fallback);
}

const text = missing(z.string(), "");

/** Names that this version does not know stay: a newer one may, and here they match nothing. */
const events = z
  .array(z.custom<IntegrationEvent>((name) => typeof name === "string", "Write the name of an event."))
  .transform((names) => [...new Set(names)]);

const priority = z.custom<NotificationPriority>((name) => typeof name === "string", "Write a priority.");

const webhook = z
  .looseObject({
    id: text,
    url: z.string(),
    events: missing(events, [...INTEGRATION_EVENTS]),
    secret: text,
    created_at: text,
    updated_at: text,
    disabled_at: z.string().exactOptional(),
  })
  .transform((entry) => ({
    ...entry,
    ...dated(entry),
    id: entry.id || idOf(entry.url),
    url: URL.canParse(entry.url) ? new URL(entry.url).href : entry.url,
  }));

const gitAutoCommit = z.looseObject({
  enabled: missing(z.boolean(), false),
  on_events: missing(events, [...AUTO_COMMIT_DEFAULT_EVENTS]),
});

const notification = z
  .looseObject({
    id: text,
    channel: text,
    message: text,
    priority: missing(priority, "normal"),
    delivered: missing(z.boolean(), false),
    created_at: missing(z.string(), NEVER),
    meta: missing(z.record(z.string(), z.json()), {}),
  })
  .transform((entry) => ({ ...entry, id: entry.id || idOf(JSON.stringify(entry)) }));

const destination = z
  .looseObject({
    name: z.string(),
    channel: z.string(),
    url: z.string(),
    is_default: missing(z.boolean(), false),
    created_at: text,
    updated_at: text,
  })
  .transform((entry) => ({ ...entry, ...dated(entry) }));

const notificationKey = z.looseObject({
  key: z.string(),
  notification_id: z.string(),
  claimed_at: z.string(),
  delivered: z.boolean(),
});

/**
 * The state as JSON: what is missing is filled in, fields that nobody here knows stay, and all stand in the order of
 * the interface. What it gives out it takes in again unchanged.
 */
export const stateSchema: z.ZodType<IntegrationState> = z.looseObject({
  version: missing(z.literal(1), 1),
  updated_at: missing(z.string(), NEVER),
  webhooks: missing(z.array(webhook), []),
  git_auto_commit: missing(gitAutoCommit, { enabled: false, on_events: [...AUTO_COMMIT_DEFAULT_EVENTS] }),
  notifications: missing(z.array(notification), []).transform(newestKept),
  destinations: missing(z.array(destination), []),
  notification_keys: z.array(notificationKey).exactOptional(),
});

/** Each of the two times stands in for the other. */
function dated(entry: { created_at: string; updated_at: string }): {
  created_at: string;
  updated_at: string;
} {
  return {
    created_at: entry.created_at || entry.updated_at || NEVER,
    updated_at: entry.updated_at || entry.created_at || NEVER,
  };
}

/** The same at each reading, so that an entry without an id can be spoken of. */
function idOf(content: string): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 32);
}

/** Oldest first, whichever way round they were. */
export function newestKept<Entry extends { created_at: string }>(entries: readonly Entry[]): Entry[] {
  const dated = entries.map((entry) => ({ entry, time: timeOf(entry) })).toSorted((a, b) => a.time - b.time);
  return dated.slice(-NOTIFICATIONS_KEPT).map(({ entry }) => entry);
}

function timeOf(entry: { created_at: string }): number {
  return Date.parse(entry.created_at) || 0;
}
