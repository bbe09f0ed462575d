import type { Clock } from "@core/registry";

/** How long work may take to end after its signal was aborted before it is given up. */
export const ABORT_GRACE_MS = 1_000;

/**
 * What the work gives, or a rejection with the signal's reason when it has not come back within a moment of the
 * abort. The work itself cannot be stopped; what it gives later is dropped.
 */
export function settledBeforeAbort<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
  clock: Clock,
  graceMs: number = ABORT_GRACE_MS,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    let cancel = (): void => {};
    const giveUp = (): void => {
      cancel = clock.after(graceMs, () => reject(signal.reason as Error));
    };
    const end = (): void => {
      cancel();
      signal.removeEventListener("abort", giveUp);
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
    work.then(resolve, reject).finally(end);
  });
}

/** True when the work has ended in time, well or badly; otherwise it goes on unobserved. */
export function endsWithin(work: Promise<unknown>, limitMs: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(limitMs, () => resolve(false));
    const end = (): void => {
      cancel();
      resolve(true);
    };
    work.then(end, end);
  });
}
