import type { Transaction } from "kysely";
import { isTrouble } from "../store/database-fault.ts";
import { kyselyRunner } from "../store/sql-runner.ts";
import { storable } from "../store/storable-text.ts";
import { messageOf } from "../thrown-value.ts";
import { makeTask } from "../task/task-maker.ts";
import { storeTasks } from "../task/task-storage.ts";
import type { NewTask } from "../task/task-row.ts";
import type { EnqueueReceipt } from "../task/task.ts";
import { dueOccurrences, isMissed } from "./due-occurrences.ts";
import { occurrencesOf } from "./rhythm.ts";
import type { ScheduleDeps } from "./schedule-creation.ts";
import { lockDueSchedule, readSchedule, recordFiring } from "./schedule-storage.ts";
import { taskOf } from "./schedule-template.ts";
import type { Schedule, ScheduleRow } from "./schedule.ts";

/** What became of one schedule that was due. */
export interface Firing {
  readonly schedule: Schedule;
  /** The first occurrence that was missed, or null. */
  readonly missed_since: Date | null;
  readonly receipts: readonly EnqueueReceipt[];
  /** Why its tasks could not be made. */
  readonly error: string | null;
}

/**
 * Fires one schedule that is due, null when there is none: its tasks are stored and its next time is set, or neither.
 * It is locked until then, and named to `onLocked`; those that others have locked are theirs.
 */
export function fireDueSchedule(
  deps: ScheduleDeps,
  butNot: readonly string[],
  onLocked: (id: string) => void,
): Promise<Firing | null> {
  const { store } = deps;
  return store.database.kysely.transaction().execute(async (trx) => {
    const run = kyselyRunner(trx);
    const due = await lockDueSchedule(store, run, butNot);
    if (due === null) return null;
    const { row, next_at, now } = due;
    onLocked(row.id);
    const next = occurrencesOf(row);
    const occurrences = dueOccurrences(next, { ...row, next_at }, now);
    const { receipts, error } = await makeTasks(deps, row, occurrences, trx);
    await recordFiring(store, run, {
      ...row,
      next_at: next(now),
      last_at: occurrences.at(-1) ?? row.last_at,
      last_task_id: receipts.at(-1)?.task.id ?? row.last_task_id,
      run_count: row.run_count + receipts.filter(({ created }) => created).length,
      failed_count: row.failed_count + (error === null ? 0 : occurrences.length),
      last_error: occurrences.length === 0 ? row.last_error : error,
    });
    return { schedule: row, missed_since: isMissed(next_at, now) ? next_at : null, receipts, error };
  });
}

/** Makes a task of a schedule beside its rhythm; null when there is no such schedule. */
export function fireNow({ store, making }: ScheduleDeps, id: string): Promise<EnqueueReceipt | null> {
  return store.database.kysely.transaction().execute(async (trx) => {
    const run = kyselyRunner(trx);
    const row = await readSchedule(store, run, { id }, "locked");
    if (row === null) return null;
    const made = await makeTask(making, { ...row.task, reason: "scheduled" }, { trx });
    const [receipt] = await storeTasks(store, run, [made]);
    const { task, created } = receipt as EnqueueReceipt;
    const run_count = row.run_count + (created ? 1 : 0);
    await recordFiring(store, run, { ...row, run_count, last_task_id: task.id });
    return { task, created };
  });
}

/** All or none, without harm to the transaction. */
async function makeTasks(
  { store, making }: ScheduleDeps,
  row: ScheduleRow,
  occurrences: readonly Date[],
  trx: Transaction<unknown>,
): Promise<Pick<Firing, "receipts" | "error">> {
  if (occurrences.length === 0) return { receipts: [], error: null };
  const run = kyselyRunner(trx);
  await run("savepoint firing", []);
  try {
    const tasks: NewTask[] = [];
    for (const at of occurrences) tasks.push(await makeTask(making, taskOf(row, at), { trx }));
    const receipts = await storeTasks(store, run, tasks);
    await run("release savepoint firing", []);
    return { receipts, error: null };
  } catch (error) {
    if (isTrouble(error)) throw error;
    // Where the connection is gone this fails, and nothing has happened.
    await run("rollback to savepoint firing", []);
    return { receipts: [], error: storable(messageOf(error)) };
  }
}
