import type { MigrationSet } from "@core/database";

/** The Postgres schema that holds the tables unless another is named. */
export const DEFAULT_SCHEMA = "host";

/** The tables of @core/host; pass it to `database.migrate`. */
export function hostMigrations(schema: string = DEFAULT_SCHEMA): MigrationSet {
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  return {
    name: schema === DEFAULT_SCHEMA ? "@core/host" : `@core/host in ${schema}`,
    migrations: [{ name: "0001-integration-storage", statements: storageTable(quoted) }],
  };
}

function storageTable(schema: string): readonly string[] {
  return [
    `create schema if not exists ${schema}`,
    `create table ${schema}.integration_storage (
      integration text not null,
      key text not null,
      value jsonb not null,
      updated_at timestamptz not null default now(),
      primary key (integration, key)
    )`,
  ];
}
