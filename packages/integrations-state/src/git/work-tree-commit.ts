import type { Clock } from "@core/registry";
import { sleepBy } from "../clock-sleep.ts";
import type { Git } from "./git.ts";
import { GitFailure } from "./git-failure.ts";
import type { AutoCommitOutcome } from "./git-auto-commit.ts";
import { planIndexRefresh } from "./index-refresh.ts";
import { moveHead } from "./ref-transaction.ts";
import type { Repository } from "./repository.ts";
import { openRepository, operationUnderWay } from "./repository.ts";
import type { WorkTreeSnapshot } from "./work-tree-snapshot.ts";
import { withSnapshot } from "./work-tree-snapshot.ts";

export interface WorkTreeCommitOptions {
  readonly git: Git;
  /** Absolute; only what lies in it is committed. */
  readonly folder: string;
  /** Makes the message of a commit of so many files. */
  readonly message: (files: number) => string;
  readonly author: CommitAuthor;
  readonly clock: Clock;
}

/** Whose commits they are, whatever the machine's git is set to. */
export interface CommitAuthor {
  readonly name: string;
  readonly email: string;
}

/** Others who use the repository at this moment are done within these. */
const WAITS_MS = [100, 200, 400, 800];

/**
 * Commits what has changed in a folder. Nothing happens to the repository unless all of it succeeds.
 * @throws GitFailure
 */
export async function commitWorkTree(options: WorkTreeCommitOptions): Promise<AutoCommitOutcome> {
  for (const waitMs of WAITS_MS) {
    try {
      return await commitOnce(options);
    } catch (error) {
      if (!isPassing(error)) throw error;
      await sleepBy(options.clock)(waitMs);
    }
  }
  return commitOnce(options);
}

function isPassing(error: unknown): boolean {
  return error instanceof GitFailure && /^(?:index_locked|index_conflict|ref_locked)$/.test(error.code);
}

async function commitOnce(options: WorkTreeCommitOptions): Promise<AutoCommitOutcome> {
  const repository = await openRepository(options.git, options.folder);
  const operation = await operationUnderWay(repository);
  if (operation !== null)
    return {
      status: "skipped",
      reason: "operation_in_progress",
      message: `Somebody is in the middle of ${operation} there; the next event commits.`,
    };
  return withSnapshot(repository, async (snapshot) => {
    const files = snapshot.changes.length;
    if (files === 0)
      return {
        status: "skipped",
        reason: "nothing_changed",
        message: "No file has changed since the last commit.",
      };
    const commit = await writeCommit(repository, snapshot, options);
    const refreshIndex = await planIndexRefresh(repository, snapshot);
    await moveHead(repository, commit, refreshIndex);
    return { status: "committed", commit, files };
  });
}

async function writeCommit(
  { git, head }: Repository,
  { tree, changes }: WorkTreeSnapshot,
  { message, author, clock }: WorkTreeCommitOptions,
): Promise<string> {
  const at = `@${Math.floor(clock.now() / 1_000)} +0000`;
  const variables = Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((role) => [
      [`GIT_${role}_NAME`, author.name],
      [`GIT_${role}_EMAIL`, author.email],
      [`GIT_${role}_DATE`, at],
    ]),
  );
  const parents = head === null ? [] : ["-p", head];
  const input = `${message(changes.length)}\n`;
  return (await git.run(["commit-tree", tree, ...parents], { input, variables })).trim();
}
