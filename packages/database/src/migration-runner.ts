import { sql, type Kysely, type Transaction } from "kysely";
import { DatabaseError } from "./errors.ts";
import {
  hasLedger,
  ledgerKey,
  ledgerStatements,
  migrationLock,
  readLedger,
  recordStatement,
  unknownMigrations,
  type MigrationName,
} from "./migration-ledger.ts";
import { assertDistinct, migrationChecksum, type Migration, type MigrationSet } from "./migration-set.ts";

/** What one run of {@link runMigrations} found and did. */
export interface MigrationReport {
  /** Applied by this run, in order. */
  readonly applied: readonly MigrationName[];
  /** In the database, but unknown to this code: a newer version was here. They are left alone. */
  readonly unknown: readonly MigrationName[];
}

/**
 * Applies what is missing, in the order of the sets and of their lists, in one transaction under one lock:
 * all of it or nothing, and once however many processes start together.
 * @throws {DatabaseError} DATABASE_MIGRATION_FAILED, DATABASE_MIGRATION_DRIFT or DATABASE_MIGRATION_DUPLICATE.
 */
export async function runMigrations(
  kysely: Kysely<unknown>,
  sets: readonly MigrationSet[],
): Promise<MigrationReport> {
  assertDistinct(sets);
  return kysely.transaction().execute(async (trx) => {
    await sql.raw(migrationLock).execute(trx);
    await prepareLedger(trx);
    const ledger = await readLedger(trx);
    const applied: MigrationName[] = [];
    for (const set of sets) {
      for (const migration of set.migrations) {
        const checksum = ledger.get(ledgerKey(set.name, migration.name))?.checksum;
        if (checksum === undefined) {
          await applyMigration(trx, set.name, migration);
          applied.push({ package: set.name, name: migration.name });
        } else assertUnchanged(set.name, migration, checksum);
      }
    }
    return { applied, unknown: unknownMigrations(ledger, sets) };
  });
}

async function prepareLedger(trx: Transaction<unknown>): Promise<void> {
  // Asked first, because `create ... if not exists` needs the right to create even when it does nothing.
  if (await hasLedger(trx)) return;
  for (const statement of ledgerStatements) await sql.raw(statement).execute(trx);
}

async function applyMigration(
  trx: Transaction<unknown>,
  packageName: string,
  migration: Migration,
): Promise<void> {
  for (const [index, statement] of migration.statements.entries()) {
    await sql
      .raw(statement)
      .execute(trx)
      .catch((cause: unknown) => {
        throw failed(packageName, migration.name, index + 1, cause);
      });
  }
  await sql.raw(recordStatement(packageName, migration)).execute(trx);
}

function assertUnchanged(packageName: string, migration: Migration, checksum: string): void {
  if (checksum === migrationChecksum(migration)) return;
  throw new DatabaseError({
    code: "DATABASE_MIGRATION_DRIFT",
    message:
      `Migration "${migration.name}" of ${packageName} was changed after it had been applied to this database. ` +
      "Restore its statements and put the change into a new migration.",
    details: { package: packageName, migration: migration.name },
  });
}

function failed(packageName: string, name: string, statement: number, cause: unknown): DatabaseError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DatabaseError({
    code: "DATABASE_MIGRATION_FAILED",
    message:
      `Migration "${name}" of ${packageName} failed at statement ${statement}: ${reason}. ` +
      "Nothing of this run was kept; correct the migration or the database and start again.",
    details: { package: packageName, migration: name, statement },
    cause,
  });
}
