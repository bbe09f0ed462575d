import type { Clock, FailedDelivery, Logger } from "@core/registry";

export interface AuditQueueOptions {
  /** Posts one message; null when it is there. Never rejects. */
  readonly post: (text: string) => Promise<FailedDelivery | null>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Messages that may wait; what comes beyond is dropped and counted. Default 100. */
  readonly limit?: number;
}

/** Posts messages one after the other, as fast as Slack takes them into one channel. */
export interface AuditQueue {
  /** Returns at once and never throws. */
  push(text: string): void;
  /** Resolves when the call that is under way has ended; drops what waits. */
  stop(): Promise<void>;
}

/** Slack takes one message a second into a channel; the results of tasks may go there, too. */
const PACE_MS = 1_500;

/** A message that Slack does not take is tried so often. */
const MOST_ATTEMPTS = 3;
const RETRY_MS = 10_000;

/** What was missing may have been granted by then. */
const MUTE_MS = 10 * 60_000;

export function createAuditQueue({ post, clock, logger, limit = 100 }: AuditQueueOptions): AuditQueue {
  const waiting: string[] = [];
  let dropped = 0;
  let attempts = 0;
  let hasWarned = false;
  let mutedUntil = 0;
  let isStopped = false;
  let cancelPause: (() => void) | null = null;
  let sending: Promise<void> | null = null;

  return {
    push(text) {
      if (isStopped || clock.now() < mutedUntil) return;
      if (waiting.length >= limit) dropped += 1;
      else waiting.push(text);
      sendNext();
    },
    async stop() {
      isStopped = true;
      cancelPause?.();
      await sending;
      const lost = waiting.length + dropped;
      if (lost > 0) logger.warn({ lost }, "Calls of tools were not told to the audit channel.");
    },
  };

  function sendNext(): void {
    if (isStopped || cancelPause !== null || sending !== null) return;
    const text = waiting[0];
    if (text !== undefined) sending = send(text, () => waiting.shift());
    else if (dropped > 0) sending = sendDropped(dropped);
  }

  function sendDropped(calls: number): Promise<void> {
    return send(`${calls} more calls of tools are left out: there were too many at once.`, () => {
      dropped -= calls;
    });
  }

  async function send(text: string, isDone: () => void): Promise<void> {
    const failure = await post(text);
    sending = null;
    attempts += 1;
    if (failure?.failure !== "retryable" || attempts >= MOST_ATTEMPTS) {
      attempts = 0;
      isDone();
    }
    if (failure?.failure === "misconfigured" || failure?.failure === "permanent") mute(failure);
    if (!isStopped) pause(failure === null ? PACE_MS : (failure.retryAfterMs ?? RETRY_MS));
  }

  function pause(ms: number): void {
    cancelPause = clock.after(ms, () => {
      cancelPause = null;
      sendNext();
    });
  }

  function mute({ code, message }: FailedDelivery): void {
    mutedUntil = clock.now() + MUTE_MS;
    waiting.length = 0;
    dropped = 0;
    if (hasWarned) return;
    hasWarned = true;
    logger.warn(
      { code },
      `The audit channel is not told of calls of tools, and all else goes on. ${message}`,
    );
  }
}
