import { Kysely, PGliteAdapter, PostgresDialect, type Dialect, type PostgresPool } from "kysely";
import { ConnectionGuard } from "./connection-guard.ts";

/** A Kysely and the guard before its connections. */
export interface GuardedKysely {
  readonly kysely: Kysely<unknown>;
  readonly guard: ConnectionGuard;
}

/** Builds the one Kysely of a database: Kysely's Postgres driver over `pool`, whichever engine is behind it. */
export function createGuardedKysely(engine: "postgres" | "pglite", pool: PostgresPool): GuardedKysely {
  const dialect = createDialect(engine, pool);
  const driver = dialect.createDriver();
  const unguarded = new Kysely<unknown>({ dialect: { ...dialect, createDriver: () => driver } });
  const guard = new ConnectionGuard(unguarded.getExecutor());
  const executor = unguarded.getExecutor().withConnectionProvider(guard);
  return { kysely: new Kysely<unknown>({ config: { dialect }, dialect, driver, executor }), guard };
}

function createDialect(engine: "postgres" | "pglite", pool: PostgresPool): Dialect {
  const postgres = new PostgresDialect({ pool });
  return {
    // PGlite's adapter says that there is one connection only, so that transactions queue for it.
    createAdapter: () => (engine === "pglite" ? new PGliteAdapter() : postgres.createAdapter()),
    createDriver: () => postgres.createDriver(),
    createIntrospector: (db) => postgres.createIntrospector(db),
    createQueryCompiler: () => postgres.createQueryCompiler(),
  };
}
