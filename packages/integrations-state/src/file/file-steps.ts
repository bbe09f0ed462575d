import { codeOf } from "./file-faults.ts";
import type { FileSystem } from "./file-system.ts";

/** Makes the entries of a folder survive a loss of power, where the system can do so. */
export async function syncFolder(fileSystem: FileSystem, folder: string): Promise<void> {
  if (fileSystem.isWindows) return;
  const opened = await fileSystem.open(folder, "r");
  try {
    await opened.sync();
  } catch (error) {
    // Some file systems know nothing of synced folders.
    if (!["EINVAL", "ENOTSUP"].includes(codeOf(error))) throw error;
  } finally {
    await opened.close();
  }
}

export async function removeIfThere(fileSystem: FileSystem, path: string): Promise<void> {
  try {
    await fileSystem.unlink(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}
