import { createHash } from "node:crypto";
import { DatabaseError } from "./errors.ts";

/** One step of a schema's history: plain SQL, one statement per string, applied once and never changed. */
export interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
}

/** The history of one package's tables, oldest first. */
export interface MigrationSet {
  /** The package, such as `@core/tasks`. */
  readonly name: string;
  readonly migrations: readonly Migration[];
}

/** A fingerprint of what a migration does. */
export function migrationChecksum(migration: Migration): string {
  return createHash("sha256").update(JSON.stringify(migration.statements)).digest("hex");
}

/** @throws {DatabaseError} DATABASE_MIGRATION_DUPLICATE when a package, or a name within one, occurs twice. */
export function assertDistinct(sets: readonly MigrationSet[]): void {
  const seen = new Set<string>();
  for (const set of sets) {
    refuseSecond(seen, set.name);
    for (const migration of set.migrations) refuseSecond(seen, `${set.name} / ${migration.name}`);
  }
}

function refuseSecond(seen: Set<string>, name: string): void {
  if (seen.has(name)) {
    throw new DatabaseError({
      code: "DATABASE_MIGRATION_DUPLICATE",
      message: `The migrations contain "${name}" twice. Pass each set once and give each migration its own name.`,
      details: { name },
    });
  }
  seen.add(name);
}
