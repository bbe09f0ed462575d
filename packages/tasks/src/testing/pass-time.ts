import type { Database } from "@core/database";
import { sql } from "kysely";
import { DEFAULT_SCHEMA } from "../store/migrations.ts";

/**
 * Lets time pass for what waits in the tables: planned tasks, retries, deliveries, limits, windows and schedules come
 * nearer by so many milliseconds. The queue goes by the database's clock, which a test cannot turn forward.
 * @example
 * await tasks.enqueue({ type: "remind", delay_ms: 60_000 });
 * await passTime(database, 60_000);
 * await worker.runUntilIdle();
 */
export async function passTime(
  database: Database,
  ms: number,
  { schema = DEFAULT_SCHEMA }: { readonly schema?: string } = {},
): Promise<void> {
  const waiting = [
    ["task", "run_at", "state = 'pending' and turn = 'planned'"],
    ["delivery", "next_at", "state in ('pending', 'held')"],
    ["delivery_target", "until", "until is not null"],
    ["task_dedupe", "until", "until is not null"],
    ["task_limit", "free_at", "true"],
    ["schedule", "next_at", "next_at is not null"],
    ["schedule", "anchor_at", "every is not null"],
  ] as const;
  for (const [table, column, condition] of waiting) {
    await sql`update ${sql.id(schema, table)}
      set ${sql.id(column)} = ${sql.id(column)} - ${ms}::float8 * interval '1 millisecond'
      where ${sql.raw(condition)}`.execute(database.kysely);
  }
}
