import { INTEGRATION_EVENTS } from "../events/event-names.ts";
import type { IntegrationEvent } from "../events/event-names.ts";
import { NOTIFICATION_PRIORITIES } from "./integration-state.ts";
import type { NotificationPriority } from "./integration-state.ts";

/** The events of both lists that this version knows, each once. */
export function knownEvents(...lists: readonly (readonly string[])[]): IntegrationEvent[] {
  return [...new Set(lists.flat().filter(isEvent))];
}

/** A field for the others, so that they are there for the version that knows them. */
export function withUnknownEvents(...lists: readonly (readonly string[])[]): { unknown_events?: string[] } {
  const names = [...new Set(lists.flat().filter((name) => !isEvent(name)))];
  return names.length === 0 ? {} : { unknown_events: names };
}

/** What this version does not know counts as normal, and its name stays beside it. */
export function knownPriority(name: string): { priority: NotificationPriority; unknown_priority?: string } {
  return isPriority(name) ? { priority: name } : { priority: "normal", unknown_priority: name };
}

function isEvent(name: string): name is IntegrationEvent {
  return INTEGRATION_EVENTS.some((event) => event === name);
}

function isPriority(name: string): name is NotificationPriority {
  return NOTIFICATION_PRIORITIES.some((priority) => priority === name);
}
