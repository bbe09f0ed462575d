import type { Store } from "../store/store.ts";
import { FIRST_ID, isUuid } from "../store/uuid.ts";
import type { FailureCode, RetryAnswer } from "./task.ts";

/** Which ended tasks run again. */
export interface RedriveFilter {
  readonly type?: string;
  readonly queue?: string;
  readonly failure_code?: FailureCode;
  /** Default `failed`. */
  readonly state?: "failed" | "cancelled";
  /** Ended at this time or later. */
  readonly since?: Date;
  /** Ended at this time or before. */
  readonly until?: Date;
}

export interface RedriveOptions {
  /** Told after each batch how many have been retried so far. */
  readonly onProgress?: (retried: number) => void;
  /** Ends it after the batch under way; the promise resolves with what was done. */
  readonly signal?: AbortSignal;
  /** Retries no more than so many, the oldest first. */
  readonly limit?: number;
}

const BATCH = 500;

/** Lets one task run again. */
export async function retryTask(store: Store, id: string): Promise<RetryAnswer> {
  if (!isUuid(id)) return "unknown";
  const [row] = await retryTasks(store, [id]);
  return row?.answer ?? "unknown";
}

/** Lets all run again that fit, each of them once, batch by batch, and gives back how many those were. */
export async function redriveTasks(
  store: Store,
  filter: RedriveFilter,
  { onProgress, signal, limit = Number.POSITIVE_INFINITY }: RedriveOptions,
): Promise<number> {
  let after = FIRST_ID;
  let retried = 0;
  while (retried < limit && signal?.aborted !== true) {
    const ids = await endedTasks(store, filter, after, Math.min(BATCH, limit - retried));
    if (ids.length === 0) break;
    const answers = await retryTasks(store, ids);
    retried += answers.filter(({ answer }) => answer === "retried").length;
    after = ids.at(-1) ?? after;
    onProgress?.(retried);
  }
  return retried;
}

interface Answered {
  readonly id: string;
  readonly answer: RetryAnswer;
}

async function retryTasks(store: Store, ids: readonly string[]): Promise<readonly Answered[]> {
  const text = `select id::text as id, answer from ${store.name("retry_tasks_1")}($1::text[]::uuid[])`;
  return store.run<Answered>(text, [ids]);
}

/** Found by the index of what failed or was cancelled, the oldest first; one that fails again lies behind us. */
async function endedTasks(
  store: Store,
  { type, queue, failure_code, state = "failed", since, until }: RedriveFilter,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  let query = store.db
    .selectFrom("task")
    .select("id")
    .where("state", "=", state)
    .where("id", ">", after)
    .orderBy("id")
    .limit(limit);
  if (type !== undefined) query = query.where("type", "=", type);
  if (queue !== undefined) query = query.where("queue", "=", queue);
  if (failure_code !== undefined) query = query.where("failure_code", "=", failure_code);
  if (since !== undefined) query = query.where("finished_at", ">=", since);
  if (until !== undefined) query = query.where("finished_at", "<=", until);
  const rows = await query.execute();
  return rows.map(({ id }) => id);
}
