import type { IntegrationState } from "./integration-state.ts";
import { copyJson, freezeJson, isSameJson } from "./json-copy.ts";
import { normalState } from "./state-document.ts";
import { newestKept } from "./state-schema.ts";

/** A copy of a state, for a mutator to do with as it likes. */
export interface StateDraft {
  /** Its notifications are frozen and may be replaced: to copy and compare a full history would cost most of an update. */
  readonly state: IntegrationState;
  /**
   * The draft as it will be read again, sharing nothing with it that can be changed. What is as it was is not checked
   * again.
   * @throws INTEGRATIONS_INPUT_INVALID when it could not be read
   */
  normal(updatedAt: Date): IntegrationState;
}

/** Of each entry that the draft began with: the one that it is a copy of, or itself. */
type Originals = ReadonlyMap<unknown, unknown>;

/** Begins with a state that is normal, and that nobody changes from now on. */
export function draftState(base: IntegrationState): StateDraft {
  const originals = new Map<unknown, unknown>();
  const state = {
    ...copyJson({ ...base, webhooks: [], notifications: [], destinations: [] }),
    webhooks: base.webhooks.map((entry) => noted(copyJson(entry), entry)),
    notifications: base.notifications.map((entry) => noted(freezeJson(entry), entry)),
    destinations: base.destinations.map((entry) => noted(copyJson(entry), entry)),
  };

  function noted<Entry>(entry: Entry, original: Entry): Entry {
    originals.set(entry, original);
    return entry;
  }

  return {
    state,
    normal(updatedAt) {
      const draft = { ...state, updated_at: updatedAt.toISOString() };
      try {
        return quicklyNormal(draft, originals);
      } catch {
        // Once more in full, for an error that names the right places.
        return normalState(draft);
      }
    },
  };
}

function quicklyNormal(draft: IntegrationState, originals: Originals): IntegrationState {
  const webhooks = compare(draft.webhooks, originals);
  // As they will be sorted when they are checked, so that each has its place.
  const notifications = compare(newestKept(draft.notifications), originals);
  const destinations = compare(draft.destinations, originals);
  const changes = normalState({
    ...draft,
    webhooks: webhooks.changed,
    notifications: notifications.changed,
    destinations: destinations.changed,
  });
  return {
    ...changes,
    webhooks: webhooks.merge(changes.webhooks),
    notifications: notifications.merge(changes.notifications),
    destinations: destinations.merge(changes.destinations),
  };
}

interface Comparison<Entry> {
  readonly changed: Entry[];
  /** All in their order, given the changed ones as they are to be. */
  merge(changed: readonly Entry[]): Entry[];
}

function compare<Entry>(entries: readonly Entry[], originals: Originals): Comparison<Entry> {
  const isKept = entries.map((entry) => {
    const original = originals.get(entry);
    return original !== undefined && isSameJson(original, entry);
  });
  const originalOf = (entry: Entry): Entry => originals.get(entry) as Entry;
  return {
    changed: entries.filter((_, place) => !isKept[place]),
    merge(changed) {
      const rest = changed.values();
      return entries.map((entry, place) =>
        isKept[place] ? originalOf(entry) : (rest.next().value ?? entry),
      );
    },
  };
}
