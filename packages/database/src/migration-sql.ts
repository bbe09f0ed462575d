import { ledgerStatements, migrationLock, recordStatement } from "./migration-ledger.ts";
import { assertDistinct, type MigrationSet } from "./migration-set.ts";

/**
 * Writes all migrations as one script for an empty database, for those who let no program change a schema.
 * After it, `migrate()` with the same sets finds nothing to do.
 */
export function exportMigrationSql(sets: readonly MigrationSet[]): string {
  assertDistinct(sets);
  const preparation = [migrationLock, ...ledgerStatements].map(terminated);
  const migrations = sets.flatMap((set) =>
    set.migrations.flatMap((migration) => [
      `\n-- ${set.name} / ${migration.name}`,
      ...migration.statements.map(terminated),
      terminated(recordStatement(set.name, migration)),
    ]),
  );
  return `${["begin;", ...preparation, ...migrations, "commit;"].join("\n")}\n`;
}

/** On a line of its own, in case the statement ends in a comment. */
function terminated(statement: string): string {
  return `${statement.trim().replace(/;$/, "")}\n;`;
}
