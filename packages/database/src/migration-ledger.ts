import { migrationChecksum, type Migration } from "./migration-set.ts";

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

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
