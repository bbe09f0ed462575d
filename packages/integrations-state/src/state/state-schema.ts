import { createHash } from "node:crypto";
import type { JsonObject } from "@core/registry";
import { z } from "zod";
import { AUTO_COMMIT_DEFAULT_EVENTS, INTEGRATION_EVENTS } from "../events/event-names.ts";
import type { IntegrationState } from "./integration-state.ts";
import { knownEvents, knownPriority, withUnknownEvents } from "./known-names.ts";

/** How many notifications are kept; the newest are. */
const NOTIFICATIONS_KEPT = 200;

const NEVER = new Date(0).toISOString();

/** Null counts as missing, as in files that other programs wrote. */
function missing<Schema extends z.ZodType>(
  schema: Schema,
  fallback: z.output<Schema>,
): z.ZodType<z.output<Schema>> {
  return schema.nullish().transform((value) => value ?? fallback);
}

const text = missing(z.string(), "");

const names = z.array(z.string());

const unknown = { unknown_events: missing(names, []) };

/** What is in it came from JSON, and is many times as much as all the rest. */
const json = z.custom<JsonObject>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "Write an object.",
);

const webhook = z
  .looseObject({
    id: text,
    url: z.string(),
    events: missing(names, [...INTEGRATION_EVENTS]),
    secret: text,
    created_at: text,
    updated_at: text,
    disabled_at: text,
    ...unknown,
  })
  .transform(({ disabled_at, unknown_events, ...entry }) => ({
    ...entry,
    ...dated(entry),
    id: entry.id || idOf(entry.url),
    url: URL.canParse(entry.url) ? new URL(entry.url).href : entry.url,
    events: knownEvents(entry.events, unknown_events),
    ...(disabled_at && { disabled_at }),
    ...withUnknownEvents(entry.events, unknown_events),
  }));

const gitAutoCommit = z
  .looseObject({
    enabled: missing(z.boolean(), false),
    on_events: missing(names, [...AUTO_COMMIT_DEFAULT_EVENTS]),
    ...unknown,
  })
  .transform(({ unknown_events, ...settings }) => ({
    ...settings,
    on_events: knownEvents(settings.on_events, unknown_events),
    ...withUnknownEvents(settings.on_events, unknown_events),
  }));

const notification = z
  .looseObject({
    id: text,
    channel: text,
    message: text,
    priority: missing(z.string(), "normal"),
    delivered: missing(z.boolean(), false),
    created_at: missing(z.string(), NEVER),
    meta: missing(json, {}),
  })
  .transform((entry) => ({
    ...entry,
    id: entry.id || idOf(JSON.stringify(entry)),
    ...knownPriority(entry.priority),
  }));

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
export function newestKept<Entry extends Dated>(entries: readonly Entry[]): Entry[] {
  // They mostly are, and to parse all their times would cost each update more than what it does.
  const inOrder = entries.every((entry, place) => place === 0 || isInOrder(entries[place - 1], entry));
  return (inOrder ? entries : sorted(entries)).slice(-NOTIFICATIONS_KEPT);
}

interface Dated {
  readonly created_at: string;
}

/** Where both are written as `toISOString` does it; elsewhere it does not know. */
function isInOrder(before: Dated | undefined, after: Dated): boolean {
  if (before === undefined || !isUsual(before.created_at) || !isUsual(after.created_at)) return false;
  return before.created_at <= after.created_at;
}

function isUsual(time: string): boolean {
  return time.length === 24 && time.endsWith("Z");
}

function sorted<Entry extends Dated>(entries: readonly Entry[]): Entry[] {
  return entries
    .map((entry) => ({ entry, time: Date.parse(entry.created_at) || 0 }))
    .toSorted((a, b) => a.time - b.time)
    .map(({ entry }) => entry);
}
