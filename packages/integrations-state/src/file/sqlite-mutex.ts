import { chmodSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { FileMutex } from "./file-mutex.ts";
import { loadSqlite } from "./sqlite-module.ts";

/**
 * Holds the write lock of an empty SQLite database. It is a lock of the kernel, which frees it when the holder dies and
 * knows nothing of pids or times. For local file systems only: network ones keep such locks badly.
 */
export function createSqliteMutex(): FileMutex {
  return {
    async tryAcquire(path) {
      const database = locked(path);
      return database && { release: async () => database.close() };
    },
  };
}

/** Null when somebody else has the lock. Without a busy timeout, since SQLite would block the event loop for it. */
function locked(path: string): DatabaseSync | null {
  const database = new (loadSqlite().DatabaseSync)(path, { timeout: 0 });
  try {
    closeToOthers(path);
    // Otherwise a journal would be made and removed each time, and be left behind by a holder that dies.
    database.exec("pragma journal_mode = memory; begin immediate");
    return database;
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
}

/** Whoever may open the lock could hold it. By path, since closing any handle of the file would free the lock. */
function closeToOthers(path: string): void {
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
}

function isBusy(error: unknown): boolean {
  const sqliteBusy = 5;
  return error instanceof Error && "errcode" in error && error.errcode === sqliteBusy;
}
