import { sql, type Kysely } from "kysely";
import { migrationChecksum, type Migration, type MigrationSet } from "./migration-set.ts";

/** A migration by its name. */
export interface MigrationName {
  /** The name of its set. */
  readonly package: string;
  readonly name: string;
}

/** Taken for the length of a run, so that processes that start together migrate one after the other. */
export const migrationLock = "select pg_advisory_xact_lock(6021023, 1)";

/** What the runner needs before the first migration. */
export const ledgerStatements: readonly string[] = [
  "create schema if not exists core",
  `create table if not exists core.migration (
  package text not null,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now(),
  primary key (package, name)
)`,
];

/** The statement that writes an applied migration down. */
export function recordStatement(packageName: string, migration: Migration): string {
  const values = [packageName, migration.name, migrationChecksum(migration)].map(quoteText).join(", ");
  return `insert into core.migration (package, name, checksum) values (${values})`;
}

interface LedgerRow extends MigrationName {
  readonly checksum: string;
}

/** What has been applied, by `ledgerKey`. */
export type Ledger = ReadonlyMap<string, LedgerRow>;

/** Whether anything was ever applied. */
export async function hasLedger(db: Kysely<unknown>): Promise<boolean> {
  const { rows } = await sql<{ known: boolean }>`
    select to_regclass('core.migration') is not null as known`.execute(db);
  return rows[0]?.known === true;
}

export async function readLedger(db: Kysely<unknown>): Promise<Ledger> {
  const { rows } = await sql<LedgerRow>`
    select package, name, checksum from core.migration order by applied_at, package, name`.execute(db);
  return new Map(rows.map((row) => [ledgerKey(row.package, row.name), row]));
}

export function ledgerKey(packageName: string, name: string): string {
  return JSON.stringify([packageName, name]);
}

/** What was applied and belongs to none of the sets. */
export function unknownMigrations(ledger: Ledger, sets: readonly MigrationSet[]): MigrationName[] {
  const known = new Set(sets.flatMap((set) => set.migrations.map(({ name }) => ledgerKey(set.name, name))));
  return [...ledger]
    .filter(([key]) => !known.has(key))
    .map(([, row]) => ({ package: row.package, name: row.name }));
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
