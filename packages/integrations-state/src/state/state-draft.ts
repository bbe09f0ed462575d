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

/** Of each entry of a list that the draft began with: the one that it is a copy of, or itself. */
type Originals = Map<unknown, unknown>;

/** Begins with a state that is normal, and that nobody changes from now on. */
export function draftState(base: IntegrationState): StateDraft {
  const originals: Originals = new Map();
  const fields = Object.entries(base).map(([name, value]) => [name, drafted(name, value, originals)]);
  const state = Object.fromEntries(fields) as IntegrationState;
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

function drafted(name: string, value: unknown, originals: Originals): unknown {
  if (!Array.isArray(value)) return copyJson(value);
  const draftOf = name === "notifications" ? freezeJson : copyJson;
  return value.map((original: unknown) => {
    const draft = draftOf(original);
    originals.set(draft, original);
    return draft;
  });
}

/** Checks the draft without the entries that are as they were, and puts those back in their places. */
function quicklyNormal(draft: IntegrationState, originals: Originals): IntegrationState {
  // Sorted as they will be when they are checked, so that each has its place.
  const sorted = { ...draft, notifications: newestKept(draft.notifications) };
  const lists = new Map<string, ListChange>();
  const fields = Object.entries(sorted).map(([name, value]: [string, unknown]) => {
    if (!Array.isArray(value)) return [name, value];
    const change = compare(value, originals);
    lists.set(name, change);
    return [name, change.changed];
  });
  const checked = Object.entries(normalState(Object.fromEntries(fields) as IntegrationState));
  const whole = checked.map(([name, value]) => [name, lists.get(name)?.merge(value) ?? value]);
  return Object.fromEntries(whole) as IntegrationState;
}

interface ListChange {
  readonly changed: readonly unknown[];
  /** All in their order, given the changed ones as they are to be. */
  merge(changed: readonly unknown[]): readonly unknown[];
}

function compare(entries: readonly unknown[], originals: Originals): ListChange {
  const isKept = entries.map((entry) => originals.has(entry) && isSameJson(originals.get(entry), entry));
  return {
    changed: entries.filter((_, place) => !isKept[place]),
    merge(changed) {
      const rest = changed.values();
      return entries.map((entry, place) => (isKept[place] ? originals.get(entry) : rest.next().value));
    },
  };
}
