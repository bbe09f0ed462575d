import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@core/database";
import type { Task } from "@core/tasks";
import { sql } from "kysely";

/** Where handlers write down their runs, by the database's clock. */
export interface RunNotes {
  /** Resolves when the beginning is stored. @throws the signal's reason when it is aborted before */
  begin(run: { readonly token: string; readonly task: Task }, signal: AbortSignal): Promise<void>;
  /** Resolves when the end is stored, or could not be before the signal was aborted. */
  end(token: string, signal: AbortSignal): Promise<void>;
}

const WAIT_MS = 50;

/** Notes in `torture.run`, under the name of this process. */
export function createRunNotes(database: Database, app: string): RunNotes {
  return {
    async begin({ token, task: { id, lane, attempt } }, signal) {
      const statement = sql`insert into torture.run (token, task_id, lane, attempt, app, pid)
        values (${token}, ${id}, ${lane}, ${attempt}, ${app}, ${process.pid}) on conflict do nothing`;
      await untilAborted(() => statement.execute(database.kysely), signal);
    },
    async end(token, signal) {
      const write = (aborted: boolean): Promise<unknown> =>
        sql`update torture.run set aborted = ${aborted}, finished_at = coalesce(finished_at, clock_timestamp())
          where token = ${token}`.execute(database.kysely);
      try {
        await untilAborted(() => write(signal.aborted), signal);
      } catch {
        // The note that is still under way does not know of the abort.
        write(true).catch(() => undefined);
      }
    },
  };
}

/** Tries again while the database does not answer; a first try is made in any case. */
async function untilAborted(write: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await Promise.race([write(), rejectionOf(signal)]);
      return;
    } catch {
      signal.throwIfAborted();
      await sleep(WAIT_MS);
    }
  }
}

/** Never resolves; rejects once the signal is aborted, or never if it was before. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}
