import type { Clock } from "@core/registry";

/** Settles as the work does, or rejects with the reason of the abort as soon as there is one; the work is then left alone. */
export function untilAborted<Value>(signal: AbortSignal, work: () => Promise<Value>): Promise<Value> {
  return new Promise<Value>((resolve, reject) => {
    signal.throwIfAborted();
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Waits by the clock; an abort ends the wait at once and rejects with its reason. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  let cancel = (): void => undefined;
  const waited = untilAborted(
    signal,
    () => new Promise<void>((resolve) => void (cancel = clock.after(delayMs, resolve))),
  );
  return waited.finally(() => cancel());
}
