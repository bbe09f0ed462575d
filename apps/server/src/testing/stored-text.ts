import { openDatabase } from "@core/database";
import { sql } from "kysely";

/** Every row of every table as one text, to search for what must never be stored. */
export async function storedText(
  place: { readonly url: string } | { readonly dataDir: string },
): Promise<string> {
  const database = await openDatabase(place);
  try {
    const tables = await sql<{ schema: string; name: string }>`
      select table_schema as schema, table_name as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`.execute(
      database.kysely,
    );
    const texts: string[] = [];
    for (const { schema, name } of tables.rows) {
      const { rows } = await sql<{ text: string | null }>`
        select string_agg(t::text, ' ') as text from ${sql.table(`${schema}.${name}`)} t`.execute(
        database.kysely,
      );
      texts.push(rows[0]?.text ?? "");
    }
    return texts.join("\n");
  } finally {
    await database.close();
  }
}
