import { dirname } from "node:path";
import type { Clock } from "@core/registry";
import { sleepBy } from "../clock-sleep.ts";
import { codeOf, stateNotSynced } from "./file-faults.ts";
import { removeIfThere, syncFolder } from "./file-steps.ts";
import type { FileSystem, OpenFile } from "./file-system.ts";
import { temporaryPathOf } from "./temporary-files.ts";

export interface DurableWriter {
  /**
   * Puts these bytes in place of a file, for its owner alone, so that after any crash there are the old ones or the new
   * ones, and the new ones once it has resolved. `beforeRename` runs when the new ones are safe and the old ones still
   * stand. Where it rejects, the old ones stand, unless the error says that this is not known.
   */
  replace(path: string, bytes: Uint8Array, beforeRename?: () => Promise<void>): Promise<void>;
  /** Gives what stands at `path`, these bytes, a second name that must be free, for its owner alone. */
  keep(path: string, bytes: Uint8Array, as: string): Promise<void>;
}

const OWNER_ONLY = 0o600;
const NAMES_TRIED = 5;
const RENAMES_TRIED = 10;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;

export function createDurableWriter(fileSystem: FileSystem, clock: Clock): DurableWriter {
  async function moveInPlace(from: string, to: string): Promise<void> {
    try {
      await renamePatiently(fileSystem, clock, from, to);
    } catch (error) {
      await discard(fileSystem, from);
      throw error;
    }
  }
  return {
    async replace(path, bytes, beforeRename = async () => undefined) {
      const temporary = await writeTemporary(fileSystem, path, bytes);
      try {
        await beforeRename();
      } catch (error) {
        await discard(fileSystem, temporary);
        throw error;
      }
      await moveInPlace(temporary, path);
      await syncFolder(fileSystem, dirname(path)).catch((error: unknown) => {
        throw stateNotSynced(path, error);
      });
    },
    async keep(path, bytes, as) {
      try {
        await fileSystem.link(path, as);
        await fileSystem.chmod(as, OWNER_ONLY);
      } catch (error) {
        if (codeOf(error) === "EEXIST") throw error;
        // Not every file system has hard links, and nobody has all rights to the files of others.
        await moveInPlace(await writeTemporary(fileSystem, as, bytes), as);
      }
    },
  };
}

/** Writes and syncs the bytes beside the path; nothing is left when that fails. */
async function writeTemporary(fileSystem: FileSystem, path: string, bytes: Uint8Array): Promise<string> {
  const { temporary, file } = await openTemporary(fileSystem, path);
  try {
    try {
      await writeAll(file, bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await discard(fileSystem, temporary);
    throw error;
  }
  return temporary;
}

/** Once something has failed, that error is the one to tell; what stays here is swept later. */
async function discard(fileSystem: FileSystem, temporary: string): Promise<void> {
  await removeIfThere(fileSystem, temporary).catch(() => undefined);
}

async function openTemporary(
  fileSystem: FileSystem,
  path: string,
): Promise<{ readonly temporary: string; readonly file: OpenFile }> {
  for (let tried = 1; ; tried += 1) {
    const temporary = temporaryPathOf(path);
    try {
      return { temporary, file: await fileSystem.open(temporary, "wx", OWNER_ONLY) };
    } catch (error) {
      if (codeOf(error) !== "EEXIST" || tried === NAMES_TRIED) throw error;
    }
  }
}

async function writeAll(file: OpenFile, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, offset);
    if (bytesWritten === 0) throw new Error("the file system takes no more bytes and gives no reason");
    offset += bytesWritten;
  }
}

/** On Windows a reader, a virus scanner or an indexer may hold the old file for a moment. */
async function renamePatiently(
  fileSystem: FileSystem,
  clock: Clock,
  from: string,
  to: string,
): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await fileSystem.rename(from, to);
    } catch (error) {
      const isPassing = fileSystem.isWindows && ["EPERM", "EBUSY", "EACCES"].includes(codeOf(error));
      if (!isPassing || tried === RENAMES_TRIED) throw error;
    }
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (tried - 1), LONGEST_PAUSE_MS);
    await sleepBy(clock)(pauseMs);
  }
}
