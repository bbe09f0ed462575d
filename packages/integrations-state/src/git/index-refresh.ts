import type { Git } from "./git.ts";
import { refused } from "./git.ts";
import { GitFailure } from "./git-failure.ts";
import type { Repository } from "./repository.ts";
import type { WorkTreeSnapshot } from "./work-tree-snapshot.ts";
import { indexInfo } from "./work-tree-snapshot.ts";

/**
 * Plans what the index of the work tree has to hold once a snapshot is committed, and gives back what brings it there.
 * Entries that a person has staged stay as they are; all others follow the commit, or they would look like staged
 * reversions of it. Git changes the index in one step and only where it is still as planned.
 */
export async function planIndexRefresh(
  { git, base }: Repository,
  snapshot: WorkTreeSnapshot,
): Promise<() => Promise<void>> {
  const staged = await stagedPaths(git, base, "--ita-invisible-in-index");
  const announced = await stagedPaths(git, base, "--ita-visible-in-index");
  const target = await snapshot.treeWithout(staged);
  // What is only marked by `git add --intent-to-add` has no content to keep.
  const marked = snapshot.changes.filter(({ path }) => announced.has(path) && !staged.has(path));

  return async () => {
    if (marked.length > 0) {
      const input = indexInfo(marked.map(({ after }) => after));
      await change(git, ["update-index", "-z", "--index-info"], input);
    }
    await change(git, ["read-tree", "-i", "-m", base, target]);
  };
}

async function stagedPaths(git: Git, base: string, intentToAdd: string): Promise<ReadonlySet<string>> {
  const output = await git.run([
    "diff-index",
    "--cached",
    "-z",
    "--name-only",
    "--no-renames",
    intentToAdd,
    base,
  ]);
  return new Set(output.split("\0").filter((path) => path !== ""));
}

async function change(git: Git, args: readonly string[], input = ""): Promise<void> {
  const answer = await git.ask(args, { input });
  if (answer.exitCode === 0) return;
  if (/index\.lock'?: File exists/.test(answer.stderr)) throw indexLocked();
  if (/Cannot merge|would be overwritten/.test(answer.stderr))
    throw new GitFailure(
      "index_conflict",
      "What is staged cannot stand beside the changes of the work tree. Commit it, or unstage it with: git reset",
    );
  throw refused(args, answer);
}

function indexLocked(): GitFailure {
  return new GitFailure(
    "index_locked",
    "Another git command works on the index. If there is none, one was killed: remove the file index.lock in the folder of the repository.",
  );
}
