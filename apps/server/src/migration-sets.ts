import type { MigrationSet } from "@core/database";
import { databaseMigrations } from "@core/database";
import { hostMigrations } from "@core/host";
import { stateMigrations } from "@core/integrations-state/postgres";
import { tasksMigrations } from "@core/tasks";
import { serverMigrations } from "./fleet/migrations.ts";

/** Everything that a server's database has, in the order in which it is made. */
export function migrationSets(): readonly MigrationSet[] {
  return [serverMigrations, databaseMigrations, tasksMigrations(), hostMigrations(), stateMigrations()];
}
