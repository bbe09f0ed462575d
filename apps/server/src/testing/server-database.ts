import type { TestEngine } from "@core/database/testing";
import { createPostgresDatabase } from "@core/database/testing";

/** What a server process needs in its environment to work on one engine. */
export interface ServerDatabase {
  readonly env: Readonly<Record<string, string>>;
  dispose(): Promise<void>;
}

/** A fresh database for servers of a test: its own on the test's Postgres, or the one in the data folder. */
export async function createServerDatabase(engine: TestEngine): Promise<ServerDatabase> {
  if (engine === "pglite") return { env: {}, dispose: () => Promise.resolve() };
  const { url, drop } = await createPostgresDatabase();
  return { env: { DATABASE_URL: url }, dispose: drop };
}
