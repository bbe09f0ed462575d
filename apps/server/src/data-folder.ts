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

/**
 * Refuses a repository for git auto-commit that is no folder. Whether git can commit there is found out, and told, with
 * each commit.
 * @throws StartError naming GIT_AUTO_COMMIT_REPOSITORY
 */
export async function assertRepositoryFolder(repository: string | null): Promise<void> {
  if (repository === null) return;
  const found = await stat(repository).catch(() => null);
  if (found?.isDirectory() !== true)
    throw new StartError(
      `GIT_AUTO_COMMIT_REPOSITORY: ${repository} is not a folder. Name the work tree of a git repository.`,
    );
}
