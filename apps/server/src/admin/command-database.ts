import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "@core/database";
import { checkMigrations, isDatabaseError, lockDataDir, openDatabase } from "@core/database";
import { CommandError } from "../commands/command.ts";
import type { Configuration } from "../configuration.ts";
import { assertFolder } from "../data-folder.ts";
import { migrationSets } from "../migration-sets.ts";

export type CommandDatabaseOptions = Pick<Configuration, "databaseUrl" | "dataDir">;

/**
 * Opens the database of the settings for a command: `migrated`: one whose tables are those of this version; `existing`:
 * whatever is there; `any`: an embedded one is made when there is none.
 * @throws CommandError, DatabaseError
 */
export async function openCommandDatabase(
  { databaseUrl, dataDir }: CommandDatabaseOptions,
  which: "migrated" | "existing" | "any",
): Promise<Database> {
  if (databaseUrl === null) await assertFolder(dataDir);
  if (databaseUrl === null && which !== "any") await assertDatabaseIn(dataDir);
  const database = await openDatabase(databaseUrl === null ? { dataDir } : { url: databaseUrl });
  if (which !== "migrated") return database;
  try {
    await assertMigrated(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Who holds the data folder, when that is why it could not be opened; null when it is not. */
export function holderOf(error: unknown): { readonly pid: number | null } | null {
  if (!isDatabaseError(error) || error.code !== "DATA_DIR_LOCKED") return null;
  const { pid } = error.details;
  return { pid: typeof pid === "number" ? pid : null };
}

async function assertDatabaseIn(dataDir: string): Promise<void> {
  if (await exists(join(dataDir, "pglite"))) return;
  // A server on Postgres holds its folder too, and its API is the way to its tasks.
  if (await exists(join(dataDir, "lock.db"))) await (await lockDataDir(dataDir)).release();
  throw new CommandError(
    `There is no database in ${dataDir} yet. Set DATA_DIR or DATABASE_URL to those of your server, or start one.`,
  );
}

async function exists(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null;
}

async function assertMigrated(database: Database): Promise<void> {
  const { missing, changed } = await checkMigrations(database, migrationSets());
  if (missing.length + changed.length === 0) return;
  throw new CommandError(
    "The tables of the database are not those of this version. Run `server db check` to see what differs, and `server db migrate` to bring it up to date.",
  );
}
