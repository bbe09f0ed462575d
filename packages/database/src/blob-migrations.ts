import type { MigrationSet } from "./migration-set.ts";

/** The tables of the blob store in the schema `core`. */
export const databaseMigrations: MigrationSet = databaseMigrationsIn("core");

/** The same tables in another schema, for a blob store made with that `schema`. */
export function databaseMigrationsIn(schema: string): MigrationSet {
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  return {
    name: schema === "core" ? "@core/database" : `@core/database in ${schema}`,
    migrations: [{ name: "0001-blobs", statements: blobStatements(quoted) }],
  };
}

function blobStatements(schema: string): readonly string[] {
  return [
    `create schema if not exists ${schema}`,
    `create table ${schema}.blob (
  id uuid primary key,
  name text,
  content_type text,
  size int8,
  sha256 text,
  created_at timestamptz not null default now(),
  completed_at timestamptz
)`,
    `create index blob_incomplete on ${schema}.blob (created_at) where completed_at is null`,
    `create table ${schema}.blob_chunk (
  blob_id uuid not null references ${schema}.blob (id) on delete cascade,
  position int4 not null,
  data bytea not null,
  primary key (blob_id, position)
)`,
    // Bytes that are compressed already gain nothing from being compressed again.
    `alter table ${schema}.blob_chunk alter column data set storage external`,
  ];
}
