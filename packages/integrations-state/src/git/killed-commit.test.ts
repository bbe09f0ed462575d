import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { autoCommitIn, gitThatFirst } from "../../test/auto-commit-fixture.ts";
import { makeGitRepository } from "../../test/git-repository.ts";

const program = fileURLToPath(new URL("../../test/auto-commit-program.ts", import.meta.url));

/** Kills the program at its nth call of git, before or behind what git does; false: it did not come that far. */
function killAt(repository: string, nth: number, when: "before" | "behind"): boolean {
  const counter = join(mkdtempSync(join(tmpdir(), "git-calls-")), "calls");
  const kill = when === "before" ? "kill -9 $PPID" : 'git "$@"; kill -9 $PPID; exit';
  const command = gitThatFirst(
    `echo x >> ${counter}; [ "$(wc -l < ${counter})" -ne ${nth} ] || { ${kill}; }`,
  );
  const args = ["--conditions=@core/source", program, repository, command];
  const { signal, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(readFileSync(counter, "utf8").split("\n").length - 1).toBeGreaterThanOrEqual(
    signal === null ? 1 : nth,
  );
  return signal === "SIGKILL";
}

it.each(["before", "behind"] as const)(
  "a kill %s any call of git leaves the repository whole, reverts nothing, and the next event commits",
  { timeout: 120_000 },
  async (when) => {
    let nth = 1;
    for (; ; nth += 1) {
      using repository = makeGitRepository();
      repository.write("staged.txt", "staged\n");
      repository.git("add", "staged.txt");
      repository.write("staged.txt", "later\n");
      repository.write("a.txt", "the agent's\n");
      if (!killAt(repository.folder, nth, when)) break;
      await untilUnlocked(repository.folder);

      repository.git("fsck", "--strict", "--no-dangling");
      // A commit of the person's may bring the agent's work earlier, and never takes it back.
      const shown = repository.git("show", ":a.txt");
      expect([repository.git("show", "HEAD:a.txt"), "the agent's"]).toContain(shown);
      expect(repository.git("show", ":staged.txt")).toBe("staged");

      await autoCommitIn(repository.folder).autoCommit("error");
      expect(repository.committed()).toMatchObject({ "a.txt": "the agent's\n", "staged.txt": "later\n" });
      expect(repository.status()).toEqual(["MM staged.txt"]);
    }
    expect(nth).toBeGreaterThan(10);
  },
);

/** A git that outlived its caller ends by itself, and takes its locks along. */
async function untilUnlocked(folder: string): Promise<void> {
  const locks = (): readonly string[] =>
    readdirSync(join(folder, ".git"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".lock"),
    );
  await expect.poll(locks, { timeout: 10_000 }).toEqual([]);
}
