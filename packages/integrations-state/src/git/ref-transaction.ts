import { refused } from "./git.ts";
import { GitFailure } from "./git-failure.ts";
import type { Repository } from "./repository.ts";

/**
 * Moves HEAD, and the branch it stands for, from the commit that was seen to a new one, with `beforehand` done while
 * the ref is locked: nobody else moves it in between, and a crash leaves it where it was.
 * @throws GitFailure `ref_locked` when it was moved or locked by somebody else, and what `beforehand` throws
 */
export async function moveHead(
  { git, head }: Repository,
  commit: string,
  beforehand: () => Promise<void>,
): Promise<void> {
  const args = ["update-ref", "-m", "auto-commit", "--stdin"];
  const transaction = git.start(args);
  const seen = head ?? commit.replaceAll(/./g, "0");
  transaction.write(`start\nupdate HEAD ${commit} ${seen}\nprepare\n`);
  let order = "abort\n";
  try {
    if (await transaction.printed("prepare: ok")) {
      await beforehand();
      order = "commit\n";
    }
  } finally {
    transaction.end(order);
    // Its locks are gone when it has ended.
    await transaction.answer.catch(() => undefined);
  }
  const answer = await transaction.answer;
  if (answer.exitCode === 0) return;
  if (/cannot lock ref|Unable to create|reference already exists/.test(answer.stderr)) throw refLocked();
  throw refused(args, answer);
}

function refLocked(): GitFailure {
  return new GitFailure(
    "ref_locked",
    "The branch was moved or locked by another git command. If there is none, one was killed: remove the files that end in .lock in the folder of the repository.",
  );
}
