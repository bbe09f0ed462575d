import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Git } from "./git.ts";
import type { Repository } from "./repository.ts";

/** What is different in the files of a work tree, as a tree that could be committed. */
export interface WorkTreeSnapshot {
  readonly tree: string;
  readonly changes: readonly TreeChange[];
  /**
   * The tree with these paths as they were before. It is written, and nothing points to it.
   * @throws GitFailure
   */
  treeWithout(paths: ReadonlySet<string>): Promise<string>;
}

/** A path that a tree changes, each side as `update-index --index-info` takes it. */
interface TreeChange {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Gives `use` what has changed in the folder, ignored files left out. It is gathered in an index of its own, outside of
 * the repository, which begins as a copy of the real one, so that what git knows of unchanged files need not be found
 * out again and files outside of a sparse checkout are not taken for deleted.
 */
export async function withSnapshot<Result>(
  repository: Repository,
  use: (snapshot: WorkTreeSnapshot) => Promise<Result>,
): Promise<Result> {
  const { git, folderGit, base, indexFile, hasIndex } = repository;
  const scratch = await mkdtemp(join(tmpdir(), "git-auto-commit-"));
  try {
    const ownIndex = join(scratch, "index");
    const variables = { GIT_INDEX_FILE: ownIndex };
    if (hasIndex) await copyFile(indexFile, ownIndex);
    // What a person has staged is not committed for that; only what their files hold counts.
    await git.run(["read-tree", "-i", "-m", base], { variables });
    await folderGit.run(["add", "--all", "--", "."], { variables });
    const tree = (await git.run(["write-tree"], { variables })).trim();
    const changes = await changesBetween(git, base, tree);
    return await use({
      tree,
      changes,
      async treeWithout(paths) {
        const kept = changes.filter(({ path }) => paths.has(path));
        if (kept.length === 0) return tree;
        const input = indexInfo(kept.map(({ before }) => before));
        await git.run(["update-index", "-z", "--index-info"], { variables, input });
        return (await git.run(["write-tree"], { variables })).trim();
      },
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The form in which `update-index -z --index-info` reads entries. */
export function indexInfo(entries: readonly string[]): string {
  return entries.map((entry) => `${entry}\0`).join("");
}

async function changesBetween(git: Git, before: string, after: string): Promise<readonly TreeChange[]> {
  const output = await git.run(["diff-tree", "-r", "-z", "--raw", "--no-renames", before, after]);
  return [...output.matchAll(/:(\d+) (\d+) (\S+) (\S+) \w\0([^\0]+)\0/g)].map(
    ([, oldMode = "", newMode = "", oldId = "", newId = "", path = ""]) => ({
      path,
      before: `${removable(oldMode)} ${oldId}\t${path}`,
      after: `${removable(newMode)} ${newId}\t${path}`,
    }),
  );
}

/** An entry with the mode 0 is removed. */
function removable(mode: string): string {
  return /^0+$/.test(mode) ? "0" : mode;
}
