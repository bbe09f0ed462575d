import type { Clock } from "@core/registry";

export interface DeadlineOptions<Result> {
  readonly clock: Clock;
  readonly limitMs: number;
  /** Why the work is given up at its limit. */
  readonly late: () => Error;
  /** Aborted when the work is wanted no more: it then has `graceMs` to end by itself. */
  readonly unwanted?: AbortSignal;
  readonly graceMs?: number;
  /** Receives what the work gives after it was given up. */
  readonly onLate?: (result: Result) => void;
}

/**
 * What the work gives in its time. At its limit its signal is aborted and it is given up, whether it heeds the signal
 * or not; a failure after that is dropped.
 */
export async function withinDeadline<Result>(
  work: (signal: AbortSignal) => Result | PromiseLike<Result>,
  options: DeadlineOptions<Result>,
): Promise<Result> {
  const { clock, limitMs, late, unwanted, graceMs = 0, onLate } = options;
  unwanted?.throwIfAborted();
  const controller = new AbortController();
  const end = Promise.withResolvers<Result>();
  const cancels: (() => void)[] = [];
  let givenUp = false;

  const giveUp = (reason: unknown): void => {
    givenUp = true;
    end.reject(reason);
    controller.abort(reason);
  };
  const windDown = (): void => {
    cancels.push(clock.after(graceMs, () => giveUp(unwanted?.reason)));
    controller.abort(unwanted?.reason);
  };
  cancels.push(clock.after(limitMs, () => giveUp(late())));
  unwanted?.addEventListener("abort", windDown, { once: true });
  Promise.resolve(controller.signal)
    .then(work)
    .then((result) => (givenUp ? onLate?.(result) : end.resolve(result)), end.reject);
  try {
    return await end.promise;
  } finally {
    unwanted?.removeEventListener("abort", windDown);
    for (const cancel of cancels) cancel();
  }
}
