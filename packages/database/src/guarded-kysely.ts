import { Kysely, type Dialect } from "kysely";
import { ConnectionGuard } from "./connection-guard.ts";

/** A Kysely and the guard before its connections. */
export interface GuardedKysely {
  readonly kysely: Kysely<unknown>;
  readonly guard: ConnectionGuard;
}

/** Builds the one Kysely of a database, with the guard between it and its connections. */
export function createGuardedKysely(dialect: Dialect): GuardedKysely {
  const driver = dialect.createDriver();
  const parts = {
    createAdapter: () => dialect.createAdapter(),
    createDriver: () => driver,
    createIntrospector: (db: Kysely<unknown>) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
  const unguarded = new Kysely<unknown>({ dialect: parts });
  const guard = new ConnectionGuard(unguarded.getExecutor());
  const executor = unguarded.getExecutor().withConnectionProvider(guard);
  return { kysely: new Kysely<unknown>({ config: { dialect }, dialect, driver, executor }), guard };
}
