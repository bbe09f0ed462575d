import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { DatabaseError } from "./errors.ts";
import { loadSqlite } from "./sqlite-module.ts";

/** The proof that this process alone uses a data folder. */
export interface DataDirLock extends AsyncDisposable {
  /** The absolute path of the folder. */
  readonly dir: string;
  /** Gives the folder free. May be called twice. */
  release(): Promise<void>;
}

/** Who holds a data folder, as `lock.json` tells it. */
export interface DataDirHolder {
  readonly pid: number;
  /** ISO time. */
  readonly since: string;
}

/**
 * Locks a data folder for as long as this process lives, and fails at once when another has it. The kernel
 * frees the lock when the process ends, however it ends. For local file systems only.
 * @throws {DatabaseError} DATA_DIR_LOCKED naming the holder; DATA_DIR_UNUSABLE when the folder cannot be used.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const dir = resolve(dataDir);
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw unusable(dir, error);
  });
  const mutex = await acquireMutex(dir);
  const holderFile = join(dir, "lock.json");
  await writeHolder(holderFile).catch((error: unknown) => {
    mutex.close();
    throw unusable(dir, error);
  });
  // Also keeps the mutex referenced: were it collected as garbage, the folder would be free.
  const free = (): void => {
    if (!mutex.isOpen) return;
    rmSync(holderFile, { force: true });
    mutex.close();
  };
  process.once("exit", free);
  const release = async (): Promise<void> => {
    process.removeListener("exit", free);
    free();
  };
  return { dir, release, [Symbol.asyncDispose]: release };
}

async function acquireMutex(dir: string): Promise<DatabaseSync> {
  const mutex = openMutex(dir);
  try {
    mutex.exec("begin exclusive");
    return mutex;
  } catch (error) {
    mutex.close();
    throw isBusy(error) ? await locked(dir, error) : unusable(dir, error);
  }
}

function openMutex(dir: string): DatabaseSync {
  try {
    return new (loadSqlite().DatabaseSync)(join(dir, "lock.db"));
  } catch (error) {
    throw unusable(dir, error);
  }
}

function isBusy(error: unknown): boolean {
  const sqliteBusy = 5;
  return error instanceof Error && "errcode" in error && error.errcode === sqliteBusy;
}

async function writeHolder(file: string): Promise<void> {
  const holder: DataDirHolder = { pid: process.pid, since: new Date().toISOString() };
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  await rename(draft, file);
}

async function locked(dir: string, cause: unknown): Promise<DatabaseError> {
  const holder = await readHolder(join(dir, "lock.json"));
  const who = holder === null ? "another process" : `process ${holder.pid} since ${holder.since}`;
  return new DatabaseError({
    code: "DATA_DIR_LOCKED",
    message:
      `The data folder ${dir} is in use by ${who}. ` +
      "Stop that process, choose another DATA_DIR, or talk to the running server over HTTP.",
    retryable: true,
    details: { dir, ...holder },
    cause,
  });
}

async function readHolder(file: string): Promise<DataDirHolder | null> {
  try {
    const holder: unknown = JSON.parse(await readFile(file, "utf8"));
    return isHolder(holder) ? holder : null;
  } catch {
    return null;
  }
}

function isHolder(value: unknown): value is DataDirHolder {
  return (
    typeof value === "object" &&
    value !== null &&
    "pid" in value &&
    typeof value.pid === "number" &&
    "since" in value &&
    typeof value.since === "string"
  );
}

function unusable(dir: string, cause: unknown): DatabaseError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DatabaseError({
    code: "DATA_DIR_UNUSABLE",
    message: `The data folder ${dir} cannot be used: ${reason}. Choose a folder that this user may write, or fix its rights.`,
    details: { dir },
    cause,
  });
}
