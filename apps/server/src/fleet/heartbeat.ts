import type { Clock, Logger } from "@core/registry";

/** Something said again and again until it is stopped. */
export interface Heartbeat {
  /** No more beats; waits for the one in hand. Never rejects. */
  stop(): Promise<void>;
}

export interface HeartbeatOptions {
  /** One beat; answers whether to go on. */
  readonly beat: () => Promise<boolean>;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A beat that has no answer after this long is reported like one that failed. */
const SLOW_AFTER_MS = 4_000;

/** Begins to beat, for the first time after one interval. A failing beat is tried again, with one warning per streak. */
export function startHeartbeat({ beat, everyMs, clock, logger }: HeartbeatOptions): Heartbeat {
  let cancelNext = (): void => {};
  let beating: Promise<void> = Promise.resolve();
  let goesOn = true;
  let isReported = false;

  planNext();
  return {
    async stop() {
      goesOn = false;
      cancelNext();
      await beating;
    },
  };

  function planNext(): void {
    if (!goesOn) return;
    cancelNext = clock.after(everyMs, () => {
      beating = beatOnce().finally(planNext);
    });
  }

  async function beatOnce(): Promise<void> {
    const cancelWatch = clock.after(SLOW_AFTER_MS, () =>
      report(new Error(`The database has not answered for ${SLOW_AFTER_MS} ms.`)),
    );
    try {
      if (!(await beat())) goesOn = false;
      isReported = false;
    } catch (error) {
      report(error);
    } finally {
      cancelWatch();
    }
  }

  function report(error: unknown): void {
    if (isReported) return;
    isReported = true;
    logger.warn(
      { err: error },
      "This server could not tell the others on its database that it lives; it goes on trying.",
    );
  }
}
