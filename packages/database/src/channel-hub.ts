import { AsyncLocalStorage } from "node:async_hooks";
import { DatabaseError } from "./errors.ts";
import type { DatabaseLogger } from "./logger.ts";

export type NotificationHandler = (payload: string) => void;

export interface ListenOptions {
  /** Called when listening goes on after a lost connection: what was sent meanwhile is lost, so look for yourself. */
  readonly onReconnect?: () => void;
}

interface Subscription {
  readonly handler: NotificationHandler;
  readonly onReconnect: () => void;
}

/** Who listens to which channel of one session, and the LISTEN and UNLISTEN statements that follow from it. */
export class ChannelHub {
  readonly #run: (statement: string) => Promise<void>;
  readonly #logger: DatabaseLogger;
  readonly #subscriptions = new Map<string, Set<Subscription>>();
  readonly #listening = new Set<string>();
  #tail: Promise<void> = Promise.resolve();

  constructor(run: (statement: string) => Promise<void>, logger: DatabaseLogger) {
    this.#run = run;
    this.#logger = logger;
  }

  /** Resolves once notifications arrive; the returned function undoes it. */
  async subscribe(
    channel: string,
    handler: NotificationHandler,
    options: ListenOptions = {},
  ): Promise<() => Promise<void>> {
    assertChannel(channel);
    // Bound, because a notification may arrive inside the context of whoever sent it.
    const subscription = {
      handler: AsyncLocalStorage.bind(handler),
      onReconnect: AsyncLocalStorage.bind(options.onReconnect ?? (() => undefined)),
    };
    this.#add(channel, subscription);
    try {
      await this.#synchronise();
    } catch (error) {
      this.#remove(channel, subscription);
      throw error;
    }
    return async () => {
      if (this.#remove(channel, subscription)) await this.#synchronise();
    };
  }

  /** Calls every handler of the channel. */
  dispatch(channel: string, payload: string): void {
    for (const { handler } of this.#subscriptions.get(channel) ?? []) {
      this.#guarded(channel, () => handler(payload));
    }
  }

  /** Listens again to everything on a new session, then tells those who asked. */
  async restore(): Promise<void> {
    this.#listening.clear();
    await this.#synchronise();
    for (const [channel, subscriptions] of this.#subscriptions) {
      for (const { onReconnect } of subscriptions) this.#guarded(channel, onReconnect);
    }
  }

  #add(channel: string, subscription: Subscription): void {
    const subscriptions = this.#subscriptions.get(channel) ?? new Set();
    this.#subscriptions.set(channel, subscriptions.add(subscription));
  }

  #remove(channel: string, subscription: Subscription): boolean {
    const subscriptions = this.#subscriptions.get(channel);
    const removed = subscriptions?.delete(subscription) ?? false;
    if (subscriptions?.size === 0) this.#subscriptions.delete(channel);
    return removed;
  }

  #synchronise(): Promise<void> {
    const turn = this.#tail.then(() => this.#applyDifference());
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  async #applyDifference(): Promise<void> {
    for (const channel of [...this.#subscriptions.keys()].filter((name) => !this.#listening.has(name))) {
      this.#listening.add(channel);
      await this.#run(`listen ${quoteChannel(channel)}`).catch((error: unknown) => {
        this.#listening.delete(channel);
        throw error;
      });
    }
    for (const channel of [...this.#listening].filter((name) => !this.#subscriptions.has(name))) {
      this.#listening.delete(channel);
      // On a session that is being lost it fails, and need not be done.
      await this.#run(`unlisten ${quoteChannel(channel)}`).catch((error: unknown) => {
        this.#logger.warn({ err: error, channel }, "A channel could not be left.");
      });
    }
  }

  #guarded(channel: string, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#logger.warn({ err: error, channel }, "A notification handler threw; the others go on.");
    }
  }
}

/** @throws {DatabaseError} DATABASE_CHANNEL_INVALID for a name that Postgres would refuse or cut. */
export function assertChannel(channel: string): void {
  const bytes = Buffer.byteLength(channel);
  if (bytes > 0 && bytes <= 63 && !channel.includes("\0")) return;
  throw new DatabaseError({
    code: "DATABASE_CHANNEL_INVALID",
    message: `The channel name ${JSON.stringify(channel)} is refused. Use 1 to 63 bytes without a zero byte.`,
    details: { channel },
  });
}

function quoteChannel(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`;
}
