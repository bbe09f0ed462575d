import { exportMigrationSql } from "@core/database";
import { migrationSets } from "../migration-sets.ts";
import type { Command } from "./command.ts";
import { defineCommand, exitCodes, jsonOption } from "./command.ts";

export const dbSql: Command = defineCommand({
  name: "db sql",
  summary: "prints what migrate would do to an empty database, as a script",
  operand: null,
  options: jsonOption,
  async run({ values }, { terminal }) {
    const sql = exportMigrationSql(migrationSets());
    terminal.print(values.json === true ? JSON.stringify({ sql }) : sql.trimEnd());
    return exitCodes.done;
  },
});
