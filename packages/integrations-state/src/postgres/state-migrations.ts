/** The Postgres schema that holds the table unless another is named. */
export const DEFAULT_SCHEMA = "integrations";

export const TABLE = "integrations_state";

/** The history of the table, oldest first: SQL, one statement per string. It is what `migrate` of @core/database takes. */
export interface StateMigrations {
  readonly name: string;
  readonly migrations: readonly { readonly name: string; readonly statements: readonly string[] }[];
}

/**
 * The table of {@link createPostgresStore}: pass it to `database.migrate` of @core/database, or run its statements in
 * order, once, by whatever applies your migrations.
 */
export function stateMigrations(schema: string = DEFAULT_SCHEMA): StateMigrations {
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  return {
    name: schema === DEFAULT_SCHEMA ? "@core/integrations-state" : `@core/integrations-state in ${schema}`,
    migrations: [{ name: "0001-integrations-state", statements: stateTable(quoted) }],
  };
}

/** Text and not jsonb, so that the document stays as it was written, to the order of its fields and any character. */
function stateTable(schema: string): readonly string[] {
  return [
    `create schema if not exists ${schema}`,
    `create table ${schema}.${TABLE} (
      only_row boolean primary key default true check (only_row),
      document text not null
    )`,
  ];
}
