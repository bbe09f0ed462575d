import type { IntegrationState, StoredNotificationKey } from "../state/integration-state.ts";

const KEPT_MS = 24 * 60 * 60_000;
const MOST_KEYS = 1_000;

/** Longer than the longest notification takes: a claim that is older was left by a process that died. */
const LONGEST_SENDING_MS = 10 * 60_000;

export interface KeyClaim {
  readonly key: string;
  readonly notificationId: string;
  readonly nowMs: number;
}

/**
 * Takes a key for a notification that is about to be sent. Answers the use that stands against it, or null when there
 * is none and the key is taken.
 */
export function claimKey(state: IntegrationState, claim: KeyClaim): StoredNotificationKey | null {
  const { key, notificationId, nowMs } = claim;
  const live = (state.notification_keys ?? []).filter((use) => isLive(use, nowMs));
  const former = live.find((use) => use.key === key);
  if (former) return former;
  const use = {
    key,
    notification_id: notificationId,
    claimed_at: new Date(nowMs).toISOString(),
    delivered: false,
  };
  state.notification_keys = [...live, use].slice(-MOST_KEYS);
  return null;
}

/** Keeps the key of a notification that was delivered, and gives back that of one that was not. */
export function settleKey(
  state: IntegrationState,
  { notificationId, delivered }: { notificationId: string; delivered: boolean },
): void {
  const uses = state.notification_keys ?? [];
  state.notification_keys = uses.flatMap((use) => {
    if (use.notification_id !== notificationId) return [use];
    return delivered ? [{ ...use, delivered }] : [];
  });
}

/** A clock that was set back makes a use young, not live for ever. */
function isLive({ claimed_at: claimedAt, delivered }: StoredNotificationKey, nowMs: number): boolean {
  const ageMs = nowMs - Date.parse(claimedAt);
  return Math.abs(ageMs) < (delivered ? KEPT_MS : LONGEST_SENDING_MS);
}
