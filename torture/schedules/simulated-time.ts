import type { Database } from "@core/database";
import { sql } from "kysely";
import { patiently } from "../tasks/patiently.ts";

/** The time that the schedules of a database go by: it stands still until it is set, for all processes at once. */
export interface SimulatedTime {
  set(at: number): Promise<void>;
  /** Waits until nothing is due; false when something stays due for too long. */
  settled(): Promise<boolean>;
}

const STUCK_AFTER_MS = 30_000;

export async function createSimulatedTime(database: Database, at: number): Promise<SimulatedTime> {
  const { kysely } = database;
  await sql`create schema if not exists torture`.execute(kysely);
  await sql`create table torture.clock as select ${moment(at)} as at`.execute(kysely);
  await sql`create or replace function tasks.schedule_now_1() returns timestamptz language sql volatile
    as $$ select at from torture.clock $$`.execute(kysely);

  return {
    set: async (to) => void (await sql`update torture.clock set at = ${moment(to)}`.execute(kysely)),
    async settled() {
      const end = performance.now() + STUCK_AFTER_MS;
      while (await isSomethingDue(database)) if (performance.now() > end) return false;
      return true;
    },
  };
}

async function isSomethingDue({ kysely }: Database): Promise<boolean> {
  const { rows } = await patiently(() =>
    sql<{ due: boolean }>`select coalesce(tasks.wait_for_schedule_1() <= 0, false) as due`.execute(kysely),
  );
  return rows[0]?.due === true;
}

function moment(at: number): ReturnType<typeof sql> {
  return sql`${new Date(at).toISOString()}::timestamptz`;
}
