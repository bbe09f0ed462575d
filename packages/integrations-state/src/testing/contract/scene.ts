import type { Clock } from "@core/registry";
import type { IntegrationState, StoredNotification } from "../../state/integration-state.ts";
import type { StateStore } from "../../state/state-store.ts";

/** A place of its own, empty at first. */
export interface Scene {
  /** Opens a store on it, with a clock that stands still unless another is given; closed when the check ends. */
  open(clock?: Clock): Promise<StateStore>;
}

export type Checks = Readonly<Record<string, (scene: Scene) => Promise<void>>>;

/** Adds a notification with this message. */
export function note(state: IntegrationState, message: string): void {
  state.notifications.push(notification(message));
}

/** The messages that were noted, oldest first. */
export function notesOf(state: IntegrationState): string[] {
  return state.notifications.map(({ message }) => message);
}

/** Adds one to a number in the state and answers it. */
export function count(state: IntegrationState): number {
  const number = countOf(state) + 1;
  state.destinations = [
    { name: "count", channel: "c", url: `${number}`, is_default: false, created_at: "", updated_at: "" },
  ];
  return number;
}

export function countOf(state: IntegrationState): number {
  return Number(state.destinations[0]?.url ?? 0);
}

/** Lets all that is ready run. */
export function others(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function notification(message: string): StoredNotification {
  return {
    id: message,
    channel: "c",
    message,
    priority: "normal",
    delivered: false,
    created_at: "2026-01-01T00:00:00.000Z",
    meta: {},
  };
}
