import { sql } from "kysely";
import type { TasksFixture } from "./tasks-fixture.ts";

/** Puts another clock where schedules read the time: it stands still at a moment until it is set again. */
export async function setScheduleClock(
  { database, schema }: Pick<TasksFixture, "database" | "schema">,
  at: string,
): Promise<void> {
  const moment = sql.lit(new Date(at).toISOString());
  await sql`create or replace function ${sql.id(schema, "schedule_now_1")}() returns timestamptz language sql volatile
    as $$ select timestamptz ${moment} $$`.execute(database.kysely);
}
