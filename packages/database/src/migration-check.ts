import type { Database } from "./database.ts";
import {
  hasLedger,
  ledgerKey,
  readLedger,
  unknownMigrations,
  type Ledger,
  type MigrationName,
} from "./migration-ledger.ts";
import { assertDistinct, migrationChecksum, type Migration, type MigrationSet } from "./migration-set.ts";

/** How what is applied to a database compares with what the code has. */
export interface MigrationCheck {
  /** Applied, and the same in the code. */
  readonly applied: readonly MigrationName[];
  /** In the code only: `migrate()` would apply them. */
  readonly missing: readonly MigrationName[];
  /** Applied, but not with the statements that the code has: `migrate()` would refuse. */
  readonly changed: readonly MigrationName[];
  /** In the database only: a newer version was here. */
  readonly unknown: readonly MigrationName[];
}

/**
 * Compares without changing anything.
 * @throws {DatabaseError} DATABASE_MIGRATION_DUPLICATE
 */
export async function checkMigrations(
  { kysely }: Pick<Database, "kysely">,
  sets: readonly MigrationSet[],
): Promise<MigrationCheck> {
  assertDistinct(sets);
  const ledger: Ledger = (await hasLedger(kysely)) ? await readLedger(kysely) : new Map();
  const having = (wanted: "applied" | "missing" | "changed"): readonly MigrationName[] =>
    sets.flatMap((set) =>
      set.migrations
        .filter((migration) => stateOf(ledger, set, migration) === wanted)
        .map(({ name }) => ({ package: set.name, name })),
    );
  return {
    applied: having("applied"),
    missing: having("missing"),
    changed: having("changed"),
    unknown: unknownMigrations(ledger, sets),
  };
}

function stateOf(ledger: Ledger, set: MigrationSet, migration: Migration): "applied" | "missing" | "changed" {
  const checksum = ledger.get(ledgerKey(set.name, migration.name))?.checksum;
  if (checksum === undefined) return "missing";
  return checksum === migrationChecksum(migration) ? "applied" : "changed";
}
