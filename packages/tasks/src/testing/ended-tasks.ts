import { sql } from "kysely";
import type { TaskInput } from "../task/task.ts";
import type { TasksFixture } from "./tasks-fixture.ts";

/** Enqueues tasks and runs them to their ends; handlers whose payload is "bad" fail. */
export async function endTasks(
  fixture: TasksFixture,
  inputs: readonly TaskInput[],
): Promise<readonly string[]> {
  const { tasks } = fixture;
  const receipts = await tasks.enqueueMany(inputs.map((input) => ({ max_attempts: 1, ...input })));
  const types = new Set(receipts.map(({ task }) => task.type));
  const handler = async ({ payload }: { readonly payload: unknown }): Promise<unknown> => {
    if (payload === "bad") throw new Error("It was to fail.");
    return { ok: true };
  };
  const worker = tasks.createWorker({
    handlers: Object.fromEntries([...types].map((type) => [type, handler])),
  });
  await worker.runUntilIdle();
  await worker.stop();
  return receipts.map(({ task }) => task.id);
}

/** Lets tasks have ended so many hours ago. */
export async function age({ store }: TasksFixture, ids: readonly string[], hours: number): Promise<void> {
  await sql`update ${store.table("task")} set finished_at = finished_at - ${hours}::float8 * interval '1 hour'
    where id = any(${[...ids]}::text[]::uuid[])`.execute(store.db);
}

/** The rows of everything that belongs to tasks. */
export async function rowsLeft({ store }: TasksFixture): Promise<Record<string, number>> {
  const counts = ["task", "task_body", "body", "delivery"] as const;
  const entries = counts.map(async (table) => {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${store.table(table)}`.execute(
      store.db,
    );
    return [table, rows[0]?.n ?? 0] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The ids of the tasks that are left. */
export async function idsLeft({ store }: TasksFixture): Promise<readonly string[]> {
  const rows = await store.db.selectFrom("task").select("id").orderBy("seq").execute();
  return rows.map(({ id }) => id);
}
