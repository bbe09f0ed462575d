import { sql } from "kysely";
import type { TasksFixture } from "./tasks-fixture.ts";

/** Lets a worker count as dead, as if its process had been killed. */
export async function silence(
  { database, schema }: Pick<TasksFixture, "database" | "schema">,
  workerId: string,
): Promise<void> {
  await sql`update ${sql.id(schema, "worker")} set alive_until = clock_timestamp() - interval '1 second'
    where id = ${workerId}`.execute(database.kysely);
}
