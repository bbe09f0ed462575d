import type { Kysely, QueryExecutorProvider } from "kysely";
import type { ListenOptions, NotificationHandler } from "./channel-hub.ts";
import type { MigrationReport } from "./migration-runner.ts";
import type { MigrationSet } from "./migration-set.ts";

/** An open database: the same behaviour and the same JavaScript types on both engines. */
export interface Database extends AsyncDisposable {
  readonly engine: "postgres" | "pglite";
  /** Random per opening: tells one opening of an embedded database from the next. */
  readonly bootId: string;
  /** Queries. Type it with `kysely.withTables<Tables>()`. Inside a transaction use the `trx` only. */
  readonly kysely: Kysely<unknown>;
  /**
   * For code that runs queries later, on behalf of its caller: throws at once where a query of the caller's own would.
   * @throws {DatabaseError} DATABASE_OUTER_HANDLE inside a transaction or connection of this database
   */
  assertOutside(): void;
  /** Applies what is missing: all of it or nothing, once however many processes start together. */
  migrate(sets: readonly MigrationSet[]): Promise<MigrationReport>;
  /** Calls `handler` with each notification; the returned function undoes it. */
  listen(
    channel: string,
    handler: NotificationHandler,
    options?: ListenOptions,
  ): Promise<() => Promise<void>>;
  /** Notifies every listener in every process; with a `trx`, when it commits. At most 7999 bytes of payload. */
  notify(channel: string, payload: string, trx?: QueryExecutorProvider): Promise<void>;
  /** Refuses new work, waits for what is running, and frees everything. May be called twice. */
  close(): Promise<void>;
}
