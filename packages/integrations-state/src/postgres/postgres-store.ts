import { systemClock } from "@core/registry";
import type { Clock } from "@core/registry";
import type { Kysely } from "kysely";
import { createQueuedStore } from "../state/queued-store.ts";
import type { StateStore } from "../state/state-store.ts";
import { createRowBackend } from "./row-backend.ts";
import { DEFAULT_SCHEMA } from "./state-migrations.ts";
import { createStateRow } from "./state-row.ts";

export interface PostgresStoreOptions<Tables> {
  /** Stays open when the store closes. */
  readonly database: StateDatabase<Tables>;
  /** Where its table is. Default `integrations`, made by `stateMigrations`. */
  readonly schema?: string;
  /** How long an update waits for those of other processes before it rejects with STATE_LOCK_TIMEOUT. Default 5,000. */
  readonly lockTimeoutMs?: number;
  /** How long a mutator may take before its update rejects with STATE_MUTATOR_TIMEOUT. Default 1,000. */
  readonly mutatorTimeoutMs?: number;
  readonly clock?: Clock;
}

/** A `Database` of @core/database, or just `{ kysely }` on PostgreSQL or PGlite. */
export interface StateDatabase<Tables> {
  readonly kysely: Kysely<Tables>;
  /** Throws where the caller is inside a transaction, in which a store that has its own would wait for ever. */
  assertOutside?(): void;
}

/**
 * The state in one row of PostgreSQL, for servers on different machines. Updates that wait in one process share a
 * transaction; what was answered survives whatever the database survives.
 */
export function createPostgresStore<Tables>(options: PostgresStoreOptions<Tables>): StateStore {
  const { database, schema = DEFAULT_SCHEMA, lockTimeoutMs = 5_000, clock = systemClock } = options;
  const backend = createRowBackend(database.kysely, createStateRow(schema), lockTimeoutMs);
  const store = createQueuedStore(backend, clock, options.mutatorTimeoutMs);
  return {
    async read() {
      database.assertOutside?.();
      return store.read();
    },
    async update(mutator) {
      database.assertOutside?.();
      return store.update(mutator);
    },
    close: () => store.close(),
  };
}
