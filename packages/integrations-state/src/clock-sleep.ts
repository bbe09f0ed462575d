import type { Clock } from "@core/registry";

/** Waits by a clock. @throws the reason of the signal, as soon as it is aborted */
export function sleepBy(clock: Clock): (delayMs: number, signal?: AbortSignal) => Promise<void> {
  return async (delayMs, signal) => {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cancel = clock.after(delayMs, resolve);
    const stop = (): void => reject(signal?.reason);
    signal?.addEventListener("abort", stop);
    try {
      await promise;
    } finally {
      cancel();
      signal?.removeEventListener("abort", stop);
    }
  };
}
