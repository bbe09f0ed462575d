import pg from "pg";

/**
 * Cleans up and measures all tables, as the server does by itself sooner or later. Whether it has done so decides the
 * plans of some libraries' statements, and with them a factor of five; so it is not left to chance.
 */
export async function vacuumAnalyze(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("vacuum analyze");
  await client.end();
}

/** Opens a transaction whose snapshot keeps everything that ends from now on; the returned function ends it. */
export async function pinSnapshot(url: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("begin isolation level repeatable read");
  // A snapshot is taken by the first statement only.
  await client.query("select count(*) from pg_class");
  return () => client.end();
}
