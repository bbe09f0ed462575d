import type { MigrationSet } from "@core/database";

/** The Postgres schema of the server's own tables. */
export const SERVER_SCHEMA = "server";

/** The server's own tables; pass it to `database.migrate`. */
export const serverMigrations: MigrationSet = {
  name: "server",
  migrations: [
    {
      name: "0001-fleet",
      statements: [
        `create schema if not exists ${SERVER_SCHEMA}`,
        `create table ${SERVER_SCHEMA}.fleet_salt (
          only_row boolean primary key default true check (only_row),
          salt bytea not null
        )`,
        `create table ${SERVER_SCHEMA}.fleet_member (
          id text primary key,
          boot_id text not null,
          started_at timestamptz not null,
          alive_until timestamptz not null,
          host text not null,
          pid integer not null,
          api_key_fingerprint text not null,
          signing_secret_fingerprint text not null,
          encryption_key_fingerprint text not null
        )`,
      ],
    },
  ],
};
