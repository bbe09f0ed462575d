import type { Clock } from "@core/registry";

/** Rings once, at the earliest of all times that it was set to. */
export interface Alarm {
  setIn(ms: number): void;
  cancel(): void;
}

export function createAlarm(clock: Clock, onRing: () => void): Alarm {
  let ringsAt = Number.POSITIVE_INFINITY;
  let cancelTimer = (): void => {};

  return { setIn, cancel };

  function setIn(ms: number): void {
    const at = clock.now() + ms;
    if (at >= ringsAt) return;
    cancel();
    ringsAt = at;
    cancelTimer = clock.after(ms, () => {
      ringsAt = Number.POSITIVE_INFINITY;
      onRing();
    });
  }

  function cancel(): void {
    cancelTimer();
    ringsAt = Number.POSITIVE_INFINITY;
  }
}
