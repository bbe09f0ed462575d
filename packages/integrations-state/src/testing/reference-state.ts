import { AUTO_COMMIT_DEFAULT_EVENTS, INTEGRATION_EVENTS } from "../events/event-names.ts";

/** The state as a reader of the first version of the file understands it: what it does not know is gone. */
export interface ReferenceState {
  version: 1;
  updated_at: string;
  webhooks: Record<"id" | "url" | "events" | "secret" | "created_at" | "updated_at", unknown>[];
  git_auto_commit: { enabled: boolean; on_events: unknown[] };
  notifications: Record<
    "id" | "channel" | "message" | "priority" | "delivered" | "created_at" | "meta",
    unknown
  >[];
}

/** Reads a state file by the rules of its first version: each part is taken if it has the right kind. */
export function readAsReference(text: string): ReferenceState {
  const value = recordOf(JSON.parse(text));
  const git = recordOf(value["git_auto_commit"]);
  return {
    version: 1,
    updated_at: String(value["updated_at"]),
    webhooks: listOf(value["webhooks"]).map((entry) => ({
      id: entry["id"],
      url: entry["url"],
      events: knownEvents(entry["events"], INTEGRATION_EVENTS),
      secret: typeof entry["secret"] === "string" ? entry["secret"] : "",
      created_at: entry["created_at"],
      updated_at: entry["updated_at"],
    })),
    git_auto_commit: {
      enabled: git["enabled"] === true,
      on_events: knownEvents(git["on_events"], AUTO_COMMIT_DEFAULT_EVENTS),
    },
    notifications: listOf(value["notifications"])
      .slice(-200)
      .map((entry) => ({
        id: entry["id"],
        channel: entry["channel"],
        message: entry["message"],
        priority: entry["priority"],
        delivered: entry["delivered"] === true,
        created_at: entry["created_at"],
        meta: recordOf(entry["meta"]),
      })),
  };
}

function knownEvents(value: unknown, fallback: readonly string[]): unknown[] {
  return Array.isArray(value)
    ? value.filter((name) => INTEGRATION_EVENTS.some((known) => known === name))
    : [...fallback];
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(recordOf) : [];
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
