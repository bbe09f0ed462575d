import { sql, type Kysely, type Transaction } from "kysely";
import { DatabaseError } from "./errors.ts";
import { ledgerStatements, migrationLock, recordStatement } from "./migration-ledger.ts";
import { assertDistinct, migrationChecksum, type Migration, type MigrationSet } from "./migration-set.ts";

/** A migration by its name. */
export interface MigrationName {
  readonly package: string;
  readonly name: string;
}

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

interface LedgerRow {
  readonly package: string;
  readonly name: string;
  readonly checksum: string;
}

async function prepareLedger(trx: Transaction<unknown>): Promise<void> {
  const { rows } = await sql<{ known: boolean }>`
    select to_regclass('core.migration') is not null as known`.execute(trx);
  // Asked first, because `create ... if not exists` needs the right to create even when it does nothing.
  if (rows[0]?.known === true) return;
  for (const statement of ledgerStatements) await sql.raw(statement).execute(trx);
}

async function readLedger(trx: Transaction<unknown>): Promise<Map<string, LedgerRow>> {
  const { rows } = await sql<LedgerRow>`
    select package, name, checksum from core.migration order by applied_at, package, name`.execute(trx);
  return new Map(rows.map((row) => [ledgerKey(row.package, row.name), row]));
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

function unknownMigrations(
  ledger: ReadonlyMap<string, LedgerRow>,
  sets: readonly MigrationSet[],
): MigrationName[] {
  const known = new Set(sets.flatMap((set) => set.migrations.map(({ name }) => ledgerKey(set.name, name))));
  return [...ledger]
    .filter(([key]) => !known.has(key))
    .map(([, row]) => ({ package: row.package, name: row.name }));
}

function ledgerKey(packageName: string, name: string): string {
  return JSON.stringify([packageName, name]);
}
