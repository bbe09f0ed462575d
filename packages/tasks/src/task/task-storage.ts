import { prepared } from "@core/database";
import { TasksError } from "../errors.ts";
import type { SqlRunner } from "../store/sql-runner.ts";
import type { Store } from "../store/store.ts";
import type { Announcement } from "../worker/announcer.ts";
import { placeInFamilies } from "./family.ts";
import type { EnqueueReceipt } from "./task.ts";
import { readTasksWith } from "./task-reader.ts";
import type { NewTask, StoredTasks } from "./task-row.ts";
import { inputDigest, isKeyed, rowOf, storedTask } from "./task-row.ts";

/** Tasks per statement at most. */
export const BATCH = 1_000;

/**
 * Stores tasks in the caller's transaction, which a conflict leaves as it was.
 * @throws TasksError TASK_IDEMPOTENCY_CONFLICT when a key belongs to a task with other fields
 */
export async function storeTasks(
  store: Store,
  run: SqlRunner,
  tasks: readonly NewTask[],
): Promise<readonly EnqueueReceipt[]> {
  const mayConflict = tasks.some(({ input }) => input.idempotency_key !== undefined);
  if (tasks.length === 1 || !mayConflict) return storeBatches(store, run, tasks);
  await run("savepoint enqueue_many", []);
  try {
    const receipts = await storeBatches(store, run, tasks);
    await run("release savepoint enqueue_many", []);
    return receipts;
  } catch (error) {
    await run("rollback to savepoint enqueue_many", []).catch(() => undefined);
    throw error;
  }
}

/** A thousand in one round trip; receipts in order. `news` goes with the statement that stores unkeyed ones. */
export async function storeBatches(
  store: Store,
  run: SqlRunner,
  tasks: readonly NewTask[],
  news: Announcement | null = null,
): Promise<readonly EnqueueReceipt[]> {
  const placed = await placeInFamilies(store, run, tasks);
  const receipts: EnqueueReceipt[] = [];
  for (let start = 0; start < placed.length; start += BATCH) {
    const batch = placed.slice(start, start + BATCH);
    receipts.push(
      ...(await (batch.some(isKeyed) ? storeKeyed(store, run, batch) : storePlain(store, run, batch, news))),
    );
  }
  return receipts;
}

async function storePlain(
  store: Store,
  run: SqlRunner,
  tasks: readonly NewTask[],
  news: Announcement | null,
): Promise<readonly EnqueueReceipt[]> {
  const tell = news === null ? "" : ", pg_notify($3::text, $4::text)";
  const text = prepared(`select to_json(stored_at)::text as at, to_json(skipped)::text as skipped${tell}
    from ${store.name("enqueue_1")}($1::text::json, $2::text[])`);
  const parameters = [JSON.stringify(tasks.map(rowOf)), lanesOf(tasks)];
  if (news !== null) parameters.push(news.channel, news.payload);
  const [row] = await run<{ at: string; skipped: string | null }>(text, parameters);
  const at = new Date(JSON.parse(row?.at ?? "null") as string);
  return receiptsOf(store, run, tasks, { at, skipped: JSON.parse(row?.skipped ?? "[]") as string[] });
}

export async function receiptsOf(
  store: Store,
  run: SqlRunner,
  tasks: readonly NewTask[],
  { at, skipped }: StoredTasks,
): Promise<readonly EnqueueReceipt[]> {
  const cancelled = await readTasksWith(store, run, skipped);
  return tasks.map((task) => ({ task: cancelled.get(task.id) ?? storedTask(task, at), created: true }));
}

/** Those that occur, or null so that nothing is looked for. */
function lanesOf(tasks: readonly NewTask[]): readonly string[] | null {
  const lanes = new Set(tasks.map(({ lane }) => lane).filter((lane) => lane !== null));
  return lanes.size === 0 ? null : [...lanes];
}

interface KeyedAnswer {
  readonly id: string;
  readonly created: boolean;
  /** Of the task that has the idempotency key. */
  readonly digest: string | null;
}

async function storeKeyed(
  store: Store,
  run: SqlRunner,
  tasks: readonly NewTask[],
): Promise<readonly EnqueueReceipt[]> {
  const text = `select place, id::text as id, created, input_digest as digest
    from ${store.name("enqueue_keyed_1")}($1::text::json) order by place`;
  const answers = await run<KeyedAnswer>(text, [JSON.stringify(tasks.map(rowOf))]);
  const found = await readTasksWith(store, run, [...new Set(answers.map(({ id }) => id))]);
  return tasks.map((asked, place) => {
    const answer = answers[place];
    const task = answer && found.get(answer.id);
    if (task === undefined) throw new Error(`Task ${asked.id} is gone within its own transaction.`);
    if (answer?.digest != null) assertSameInput(asked, answer);
    return { task, created: answer?.created === true };
  });
}

function assertSameInput({ input }: NewTask, { id, digest }: KeyedAnswer): void {
  if (digest === inputDigest(input)) return;
  throw new TasksError({
    code: "TASK_IDEMPOTENCY_CONFLICT",
    message: `The idempotency_key "${input.idempotency_key}" belongs to task ${id}, which was made with other fields. Use a new key, or send the same fields again.`,
    details: {
      issues: [{ field: "idempotency_key", message: `Belongs to task ${id}, which has other fields.` }],
    },
  });
}
