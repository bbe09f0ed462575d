import { chmod, open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Logger } from "@core/registry";

/** A value kept in a file that only its owner may read. */
export interface KeyFile {
  readonly value: string;
  /** Whether this call made it. */
  readonly created: boolean;
}

export interface KeyFileOptions {
  readonly file: string;
  readonly generate: () => string;
  /** Tells whether what a file holds can be used. */
  readonly isValid: (value: string) => boolean;
  readonly logger: Logger;
}

/** Thrown when a key file holds something that cannot be used; the message never shows it. */
export class KeyFileError extends Error {
  override readonly name = "KeyFileError";
}

/**
 * Reads a value from its file, or makes it. The caller holds the lock of the folder. A crash leaves the whole
 * value or none, and rights that are too wide are taken back.
 * @throws KeyFileError when the file holds something else
 */
export async function ensureKeyFile(options: KeyFileOptions): Promise<KeyFile> {
  const { file, generate, isValid, logger } = options;
  const kept = await readIfPresent(file);
  if (kept === null) {
    const value = generate();
    await createFile(file, `${value}\n`);
    return { value, created: true };
  }
  const value = kept.trim();
  if (!isValid(value)) {
    throw new KeyFileError(
      `${file} does not hold a usable value. Restore it from a backup, or delete it to have a new one made at the next start.`,
    );
  }
  await repairMode(file, logger);
  return { value, created: false };
}

async function readIfPresent(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** A draft that was synced and then renamed: nobody ever sees a half-written key. */
async function createFile(file: string, content: string): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.draft`);
  await rm(draft, { force: true });
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

async function repairMode(file: string, logger: Logger): Promise<void> {
  if (process.platform === "win32") return;
  const mode = (await stat(file)).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  await chmod(file, 0o600);
  const was = mode.toString(8).padStart(4, "0");
  logger.warn({ file, was }, "Others could read a key file. Its rights are 0600 again; consider a new key.");
}
