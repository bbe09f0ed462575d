import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** Where the server that holds a data folder can be reached, as `server.json` in it tells. */
export interface RunningServerRecord {
  readonly url: string;
  readonly pid: number;
  /** ISO time. */
  readonly started_at: string;
}

/**
 * Writes down that this process serves a data folder, whole or not at all and for its owner only. A crash leaves it
 * there, so whoever reads it compares its pid with that of the folder's holder.
 * @returns what removes it
 */
export async function recordRunningServer(dataDir: string, url: string): Promise<() => Promise<void>> {
  const file = join(dataDir, FILE);
  const draft = join(dataDir, `.${FILE}.draft`);
  const record: RunningServerRecord = { url, pid: process.pid, started_at: new Date().toISOString() };
  await rm(draft, { force: true });
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(record)}\n`);
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  return () => rm(file, { force: true });
}

/** Null when there is none, or something else. */
export async function readRunningServer(dataDir: string): Promise<RunningServerRecord | null> {
  try {
    const record: unknown = JSON.parse(await readFile(join(dataDir, FILE), "utf8"));
    return isRecord(record) ? record : null;
  } catch {
    return null;
  }
}

const FILE = "server.json";

function isRecord(value: unknown): value is RunningServerRecord {
  return (
    typeof value === "object" &&
    value !== null &&
    "url" in value &&
    typeof value.url === "string" &&
    URL.canParse(value.url) &&
    "pid" in value &&
    typeof value.pid === "number"
  );
}
