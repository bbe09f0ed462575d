import type { MigrationCheck } from "@core/database";
import { checkMigrations } from "@core/database";
import type { CommandDatabaseOptions } from "../admin/command-database.ts";
import { holderOf, openCommandDatabase } from "../admin/command-database.ts";
import { migrationSets } from "../migration-sets.ts";
import type { Command } from "./command.ts";
import { CommandError, defineCommand, exitCodes, jsonOption } from "./command.ts";
import type { Column } from "./table.ts";
import { tableLines } from "./table.ts";

export const dbCheck: Command = defineCommand({
  name: "db check",
  summary: "compares the tables of the database with those of this version",
  operand: null,
  options: jsonOption,
  async run({ values }, { terminal, configuration }) {
    const check = await readCheck(configuration());
    if (values.json === true) terminal.print(JSON.stringify(check));
    else for (const line of tableLines(columns, rowsOf(check), terminal)) terminal.print(line);
    for (const advice of adviceOn(check)) terminal.note(advice);
    return check.missing.length + check.changed.length === 0 ? exitCodes.done : exitCodes.failed;
  },
});

async function readCheck(options: CommandDatabaseOptions): Promise<MigrationCheck> {
  const database = await openCommandDatabase(options, "existing").catch((error: unknown) => {
    if (holderOf(error) === null) throw error;
    throw new CommandError(
      "A server holds the data folder, and only it can read the embedded database. It has brought the tables up to its version at its start; stop it first to look for yourself.",
    );
  });
  try {
    return await checkMigrations(database, migrationSets());
  } finally {
    await database.close();
  }
}

interface Row {
  readonly package: string;
  readonly name: string;
  readonly state: string;
}

const columns: readonly Column<Row>[] = [
  { title: "PACKAGE", cell: (row) => row.package },
  { title: "MIGRATION", cell: ({ name }) => name },
  { title: "STATE", cell: ({ state }) => state },
];

function rowsOf({ applied, missing, changed, unknown }: MigrationCheck): readonly Row[] {
  const states = { applied, missing, changed, "unknown here, of a newer version": unknown };
  return Object.entries(states).flatMap(([state, names]) => names.map((name) => ({ ...name, state })));
}

function adviceOn({ missing, changed }: MigrationCheck): readonly string[] {
  return [
    ...(missing.length > 0 ? ["`server db migrate` applies what is missing."] : []),
    ...(changed.length > 0
      ? ["What was changed after it had been applied cannot be mended: use the version that applied it."]
      : []),
  ];
}
