import { stat } from "node:fs/promises";
import { StartError } from "./start-error.ts";

/**
 * Refuses a data folder that is something else; one that is not there yet will be made.
 * @throws StartError naming DATA_DIR
 */
export async function assertFolder(dataDir: string): Promise<void> {
  const found = await stat(dataDir).catch(() => null);
  if (found !== null && !found.isDirectory())
    throw new StartError(`DATA_DIR: ${dataDir} is a file. Choose a folder, or a name that is not taken.`);
}
