import type { WebhookOutbox } from "./webhook-outbox.ts";

/** How events are sent. Numbers outside of their range are moved to its nearer end. */
export interface WebhooksOptions {
  /** Of one attempt, up to the last byte of the answer. 1,000 to 60,000; default 10,000. */
  readonly timeoutMs?: number;
  /** Attempts after the first. 0 to 5; default 2. */
  readonly retries?: number;
  /** Of all attempts and waits of one event. 1,000 to 600,000; default 60,000. */
  readonly budgetMs?: number;
  /** Attempts at once, of all events together. 1 to 256; default 16. */
  readonly concurrency?: number;
  /** Attempts at once to one origin. 1 to 256; default a quarter of `concurrency`. */
  readonly concurrencyPerOrigin?: number;
  /** Takes the events in the place of sending them at once; then the numbers above mean nothing. */
  readonly outbox?: WebhookOutbox;
}

export type WebhookSettings = Required<Omit<WebhooksOptions, "outbox">> & Pick<WebhooksOptions, "outbox">;

/** Options made complete. */
export function webhookSettings(options: WebhooksOptions): WebhookSettings {
  const concurrency = clamped(options.concurrency, 16, [1, 256]);
  return {
    timeoutMs: clamped(options.timeoutMs, 10_000, [1_000, 60_000]),
    retries: clamped(options.retries, 2, [0, 5]),
    budgetMs: clamped(options.budgetMs, 60_000, [1_000, 600_000]),
    concurrency,
    concurrencyPerOrigin: clamped(options.concurrencyPerOrigin, concurrency / 4, [1, 256]),
    ...(options.outbox && { outbox: options.outbox }),
  };
}

function clamped(value: number | undefined, usual: number, [least, most]: readonly [number, number]): number {
  const wanted = value === undefined || Number.isNaN(value) ? usual : value;
  return Math.min(most, Math.max(least, Math.ceil(wanted)));
}
