import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { ChannelHub, type ListenOptions, type NotificationHandler } from "./channel-hub.ts";
import type { Listener } from "./engine.ts";
import { DatabaseError } from "./errors.ts";
import type { DatabaseLogger } from "./logger.ts";
import { connectError } from "./postgres-address.ts";
import { reconnectDelayMs } from "./reconnect-delay.ts";

export interface PostgresListenerOptions {
  readonly url: string;
  readonly client: pg.ClientConfig;
  readonly logger: DatabaseLogger;
}

/** Listens on a connection of its own, opened with the first channel and made again whenever it is lost. */
export class PostgresListener implements Listener {
  readonly #options: PostgresListenerOptions;
  readonly #hub: ChannelHub;
  readonly #closing = new AbortController();
  /** The client in use, or the one being made. */
  #client: Promise<pg.Client> | undefined;

  constructor(options: PostgresListenerOptions) {
    this.#options = options;
    this.#hub = new ChannelHub((statement) => this.#run(statement), options.logger);
  }

  listen(
    channel: string,
    handler: NotificationHandler,
    options?: ListenOptions,
  ): Promise<() => Promise<void>> {
    return this.#hub.subscribe(channel, handler, options);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const client = await this.#client?.catch(() => undefined);
    await client?.end().catch(() => undefined);
  }

  async #run(statement: string): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#client ??= this.#firstClient();
    const client = await this.#client;
    await client.query(statement).catch((error: unknown) => {
      throw connectError(this.#options.url, error);
    });
  }

  async #firstClient(): Promise<pg.Client> {
    try {
      return await this.#connect();
    } catch (error) {
      this.#client = undefined;
      throw connectError(this.#options.url, error);
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client(this.#options.client);
    client.on("error", (error) => this.#warn(error, "The connection that receives notifications failed."));
    client.on("notification", ({ channel, payload }) => this.#hub.dispatch(channel, payload ?? ""));
    await client.connect();
    client.once("end", () => this.#replace());
    return client;
  }

  #replace(): void {
    if (this.#closing.signal.aborted) return;
    this.#client = this.#nextClient();
    this.#client
      .then(() => this.#hub.restore())
      .catch((error: unknown) => this.#warn(error, "Listening again was interrupted."));
  }

  async #nextClient(): Promise<pg.Client> {
    for (let attempt = 0; !this.#closing.signal.aborted; attempt += 1) {
      await delay(reconnectDelayMs(attempt), undefined, { signal: this.#closing.signal }).catch(
        () => undefined,
      );
      if (this.#closing.signal.aborted) break;
      try {
        return await this.#connect();
      } catch (error) {
        this.#warn(error, "The connection that receives notifications could not be made again yet.");
      }
    }
    throw new DatabaseError({
      code: "DATABASE_CLOSED",
      message: "The database was closed while its listener reconnected.",
    });
  }

  #warn(error: unknown, message: string): void {
    if (!this.#closing.signal.aborted) this.#options.logger.warn({ err: error }, message);
  }
}
