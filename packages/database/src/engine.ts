import type { Dialect } from "kysely";
import type { ListenOptions, NotificationHandler } from "./channel-hub.ts";

/** What a database engine brings; everything above it is the same for both. */
export interface Engine {
  readonly name: "postgres" | "pglite";
  /** Kysely's own dialect over this engine's connections. */
  readonly dialect: Dialect;
  /** Makes the receiver of notifications; `runOnSession` runs a statement through Kysely. */
  createListener(runOnSession: (statement: string) => Promise<void>): Listener;
  /** Closes the connections and what outlives them, such as the lock of the data folder. */
  close(): Promise<void>;
}

/** Receives notifications. */
export interface Listener {
  listen(
    channel: string,
    handler: NotificationHandler,
    options?: ListenOptions,
  ): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
