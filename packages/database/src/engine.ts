import type { PostgresPool } from "kysely";
import type { ListenOptions, NotificationHandler } from "./channel-hub.ts";

/** What a database engine brings; everything above it is the same for both. */
export interface Engine {
  readonly name: "postgres" | "pglite";
  /** Connections as Kysely's Postgres driver wants them. Ending it closes the engine. */
  readonly pool: PostgresPool;
  /** Makes the receiver of notifications; `runOnSession` runs a statement through the pool. */
  createListener(runOnSession: (statement: string) => Promise<void>): Listener;
  /** Frees what outlives the pool, such as the lock of the data folder. */
  release(): Promise<void>;
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
