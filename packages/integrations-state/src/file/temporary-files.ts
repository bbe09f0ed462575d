import { randomBytes } from "node:crypto";
import { basename, join } from "node:path";
import type { FileSystem } from "./file-system.ts";
import { removeIfThere } from "./file-steps.ts";
import type { StatePlace } from "./state-place.ts";

/** A name beside the file that nobody can foresee. */
export function temporaryPathOf(path: string): string {
  return `${path}.${randomBytes(16).toString("hex")}.tmp`;
}

/** Removes what killed writers left. It belongs to nobody, for the holder of the mutex: all who write hold it. */
export async function sweepTemporaries(fileSystem: FileSystem, place: StatePlace): Promise<void> {
  const own = basename(place.state);
  const names = await fileSystem.readdir(place.folder);
  const left = names.filter((name) => name.startsWith(own) && TEMPORARY.test(name.slice(own.length)));
  await Promise.all(left.map((name) => removeIfThere(fileSystem, join(place.folder, name))));
}

/** Of the state, its last good copy, or a damaged one; not of another state whose name begins in the same way. */
const TEMPORARY = /^(?:\.bak|\.corrupt-[\w-]+)?\.[0-9a-f]{32}\.tmp$/;
