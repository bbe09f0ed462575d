import type { MigrationName } from "@core/database";
import { holderOf, openCommandDatabase } from "../admin/command-database.ts";
import { migrationSets } from "../migration-sets.ts";
import type { Command } from "./command.ts";
import { CommandError, defineCommand, exitCodes, jsonOption } from "./command.ts";
import { createProgress } from "./progress.ts";

export const dbMigrate: Command = defineCommand({
  name: "db migrate",
  summary: "brings the tables of the database up to this version",
  operand: null,
  options: jsonOption,
  async run({ values }, { terminal, configuration }) {
    const database = await openCommandDatabase(configuration(), "any").catch((error: unknown) => {
      if (holderOf(error) === null) throw error;
      throw new CommandError(
        "A server holds the data folder, and it has brought the tables up to its version at its start. Restart it with this version to migrate.",
      );
    });
    const sets = migrationSets();
    const progress = createProgress("Migrated", terminal);
    const applied: MigrationName[] = [];
    try {
      for (const [index, set] of sets.entries()) {
        const report = await database.migrate([set]);
        applied.push(...report.applied);
        if (terminal.isLive) progress.report(index + 1, sets.length);
      }
    } finally {
      progress.end();
      await database.close();
    }
    if (values.json === true) terminal.print(JSON.stringify({ applied }));
    else for (const { name } of sets) terminal.print(lineOf(name, applied));
    return exitCodes.done;
  },
});

function lineOf(set: string, applied: readonly MigrationName[]): string {
  const names = applied.filter((migration) => migration.package === set).map(({ name }) => name);
  return `${set}: ${names.length === 0 ? "nothing to do" : names.join(", ")}`;
}
