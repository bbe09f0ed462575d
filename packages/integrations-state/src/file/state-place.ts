import { basename, dirname, join, resolve } from "node:path";
import { codeOf } from "./file-faults.ts";
import { syncFolder } from "./file-steps.ts";
import type { FileSystem } from "./file-system.ts";

/** The files of one state, all in the folder where it really is. */
export interface StatePlace {
  readonly folder: string;
  readonly state: string;
  /** What stood in `state` before the last write. */
  readonly lastGood: string;
  readonly lock: string;
}

const LONGEST_CHAIN = 40;

/** Follows links, also one that points to a file that is not there yet. Null while its folder is not there. */
export async function findPlace(fileSystem: FileSystem, path: string): Promise<StatePlace | null> {
  try {
    return placeOf(await realPathOf(fileSystem, path, LONGEST_CHAIN));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/**
 * Makes the folder of `path` where it is missing, for its owner alone. The folder that a link points into is not made:
 * it may be a volume that is not mounted.
 */
export async function makePlace(fileSystem: FileSystem, path: string): Promise<StatePlace> {
  const place = await findPlace(fileSystem, path);
  if (place !== null) return place;
  await makeFolder(fileSystem, dirname(path));
  return placeOf(await realPathOf(fileSystem, path, LONGEST_CHAIN));
}

function placeOf(state: string): StatePlace {
  return { folder: dirname(state), state, lastGood: `${state}.bak`, lock: `${state}.lock.db` };
}

async function realPathOf(fileSystem: FileSystem, path: string, hops: number): Promise<string> {
  try {
    return await fileSystem.realpath(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || hops === 0) throw error;
  }
  const folder = await fileSystem.realpath(dirname(path));
  const target = await targetOf(fileSystem, path);
  if (target === null) return join(folder, basename(path));
  return realPathOf(fileSystem, resolve(folder, target), hops - 1);
}

/** Where a link points to; null where there is none. */
async function targetOf(fileSystem: FileSystem, path: string): Promise<string | null> {
  try {
    return await fileSystem.readlink(path);
  } catch (error) {
    // EINVAL: it has become a file since.
    if (["ENOENT", "EINVAL"].includes(codeOf(error))) return null;
    throw error;
  }
}

async function makeFolder(fileSystem: FileSystem, folder: string): Promise<void> {
  const first = await fileSystem.mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  // A new folder is lost with its content unless its own parent is synced.
  for (let made = folder; made.length >= first.length; made = dirname(made)) {
    await syncFolder(fileSystem, dirname(made));
  }
}
