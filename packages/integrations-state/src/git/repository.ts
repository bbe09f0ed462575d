import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Git } from "./git.ts";
import { refused } from "./git.ts";
import { GitFailure } from "./git-failure.ts";

/** A work tree and what stands in it now. */
export interface Repository {
  /** At the root of the work tree, from which paths in git's answers count. */
  readonly git: Git;
  /** In the folder that was named, which may lie below the root. */
  readonly folderGit: Git;
  /** Of this work tree, also where several share one repository. */
  readonly gitDir: string;
  readonly indexFile: string;
  readonly hasIndex: boolean;
  /** The commit that HEAD names; null: there is none yet. */
  readonly head: string | null;
  /** The tree that a commit would change: that of `head`, or the empty one. */
  readonly base: string;
}

/** @throws GitFailure when there is no work tree that can be committed in */
export async function openRepository(folderGit: Git, folder: string): Promise<Repository> {
  if (!(await exists(folder)))
    throw new GitFailure("repository_missing", `The folder ${folder} is not there. Name one that is.`);
  const { gitDir, indexFile, root } = await placesOf(folderGit, folder);
  const git = folderGit.in(root);
  const found = await git.ask(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
  const head = found.exitCode === 0 ? found.stdout.trim() : null;
  const hasIndex = await exists(indexFile);
  if (head !== null && !hasIndex)
    throw new GitFailure(
      "not_checked_out",
      `The repository ${root} has commits and no index, so all of its files would count as deleted. Check them out, or run: git reset`,
    );
  const base = head === null ? (await git.run(["mktree"])).trim() : `${head}^{tree}`;
  return { git, folderGit, gitDir, indexFile, hasIndex, head, base };
}

/** What a person or another program is in the middle of, in words; null: nothing. */
export async function operationUnderWay({ git, gitDir }: Repository): Promise<string | null> {
  for (const [mark, operation] of OPERATIONS) if (await exists(join(gitDir, mark))) return operation;
  const unmerged = await git.run(["ls-files", "--unmerged"]);
  return unmerged === "" ? null : "resolving a conflict";
}

/** What git leaves in its folder while it waits for a person. */
const OPERATIONS = [
  ["MERGE_HEAD", "a merge"],
  ["rebase-merge", "a rebase"],
  ["rebase-apply", "a rebase or the applying of patches"],
  ["CHERRY_PICK_HEAD", "a cherry-pick"],
  ["REVERT_HEAD", "a revert"],
  ["sequencer", "a series of cherry-picks or reverts"],
  ["BISECT_LOG", "a bisect"],
] as const;

async function placesOf(
  git: Git,
  folder: string,
): Promise<{ readonly gitDir: string; readonly indexFile: string; readonly root: string }> {
  const places = ["--git-dir", "--git-path", "index", "--show-toplevel"];
  const asked = ["rev-parse", "--is-bare-repository", "--path-format=absolute", ...places];
  const answer = await git.ask(asked);
  const [isBare, gitDir, indexFile, root] = answer.stdout.split("\n");
  if (isBare === "true")
    throw new GitFailure(
      "bare_repository",
      `The repository ${folder} is bare: it has no files to commit. Name a work tree.`,
    );
  if (answer.exitCode === 0 && gitDir && indexFile && root) return { gitDir, indexFile, root };
  if (/not a git repository|must be run in a work tree/.test(answer.stderr))
    throw new GitFailure(
      "not_a_repository",
      `The folder ${folder} is not within the work tree of a git repository. Run git init there, or name another folder.`,
    );
  throw refused(asked, answer);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
