import { AsyncLocalStorage } from "node:async_hooks";
import type { AbortableOperationOptions, ConnectionProvider, DatabaseConnection } from "kysely";
import { DatabaseError } from "./errors.ts";

type Consumer<T> = (connection: DatabaseConnection) => Promise<T>;

/**
 * Hands out connections, and refuses one to code that already runs inside a transaction or connection of the
 * same database. On an embedded database such a call would wait for ever, on Postgres it would silently leave
 * the transaction; here it throws at once on both.
 */
export class ConnectionGuard implements ConnectionProvider {
  readonly #inner: ConnectionProvider;
  readonly #context = new AsyncLocalStorage<{ active: boolean }>();
  #running = 0;
  #closed = false;
  #whenIdle: (() => void) | undefined;

  constructor(inner: ConnectionProvider) {
    this.#inner = inner;
  }

  async provideConnection<T>(consumer: Consumer<T>, options?: AbortableOperationOptions): Promise<T> {
    this.assertOutside();
    this.assertOpen();
    const token = { active: true };
    this.#running += 1;
    try {
      return await this.#inner.provideConnection(
        (connection) => this.#context.run(token, () => consumer(connection)),
        options,
      );
    } finally {
      token.active = false;
      this.#running -= 1;
      if (this.#running === 0) this.#whenIdle?.();
    }
  }

  /** @throws {DatabaseError} DATABASE_OUTER_HANDLE inside a transaction or connection of this database. */
  assertOutside(): void {
    if (this.#context.getStore()?.active !== true) return;
    throw new DatabaseError({
      code: "DATABASE_OUTER_HANDLE",
      message:
        "The outer database handle was used inside a transaction or connection of the same database. " +
        "Pass the `trx` (or connection) that the callback received to everything it calls.",
    });
  }

  /** @throws {DatabaseError} DATABASE_CLOSED once {@link close} was called. */
  assertOpen(): void {
    if (!this.#closed) return;
    throw new DatabaseError({
      code: "DATABASE_CLOSED",
      message: "The database is closed. Stop what still uses it before closing, or open it again.",
    });
  }

  /** Refuses new work and waits for what is running. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
  }
}
