import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { autoCommitIn } from "../../test/auto-commit-fixture.ts";
import type { GitRepository } from "../../test/git-repository.ts";
import { makeGitRepository } from "../../test/git-repository.ts";

const commitAll = ({ folder }: GitRepository) => autoCommitIn(folder).autoCommit("error");

describe("the index of a person", () => {
  it("shows nothing when nothing was staged", async () => {
    using repository = makeGitRepository({ "a.txt": "a\n", "b.txt": "b\n", "c.txt": "c\n" });
    repository.write("a.txt", "changed\n");
    repository.write("d/new.txt", "new\n");
    rmSync(join(repository.folder, "b.txt"));
    await commitAll(repository);
    expect(repository.status()).toEqual([]);
  });

  it("keeps what was staged, beside what was not", async () => {
    using repository = makeGitRepository({ "a.txt": "a\n", "b.txt": "b\n", "c.txt": "c\n" });
    repository.write("a.txt", "staged\n");
    repository.write("new.txt", "staged\n");
    repository.git("add", "a.txt", "new.txt");
    repository.git("rm", "--quiet", "--cached", "c.txt");
    repository.write("a.txt", "written later\n");
    repository.write("new.txt", "written later\n");
    repository.write("b.txt", "never staged\n");
    expect(await commitAll(repository)).toMatchObject({ status: "committed", files: 3 });
    expect(repository.committed()).toEqual({
      "a.txt": "written later\n",
      "b.txt": "never staged\n",
      "c.txt": "c\n",
      "new.txt": "written later\n",
    });
    expect(repository.git("show", ":a.txt")).toBe("staged");
    expect(repository.git("show", ":new.txt")).toBe("staged");
    expect(repository.git("ls-files", "c.txt")).toBe("");
    expect(repository.git("diff", "--cached", "--name-only").split("\n")).toEqual([
      "a.txt",
      "c.txt",
      "new.txt",
    ]);
  });

  it("shows no longer what was staged as it was committed", async () => {
    using repository = makeGitRepository();
    repository.write("a.txt", "changed\n");
    repository.git("add", "a.txt");
    await commitAll(repository);
    expect(repository.status()).toEqual([]);
  });

  it("does not show a file as deleted that was only announced with --intent-to-add", async () => {
    using repository = makeGitRepository();
    repository.write("announced.txt", "new\n");
    repository.git("add", "--intent-to-add", "announced.txt");
    repository.write("a.txt", "staged\n");
    repository.git("add", "a.txt");
    repository.write("a.txt", "later\n");
    await commitAll(repository);
    expect(repository.status()).toEqual(["MM a.txt"]);
  });

  it("keeps the files that git was told to take for unchanged", async () => {
    using repository = makeGitRepository();
    repository.git("update-index", "--assume-unchanged", "a.txt");
    repository.write("a.txt", "private\n");
    repository.write("b.txt", "changed\n");
    await commitAll(repository);
    expect(repository.committed()["a.txt"]).toBe("a\n");
    expect(repository.git("ls-files", "-v")).toBe("h a.txt\nH b.txt");
  });

  it.each([
    ["core.splitIndex", "true"],
    ["core.untrackedCache", "true"],
    ["index.version", "4"],
    ["index.sparse", "true"],
  ])("may be kept in another form, by %s", async (name, value) => {
    using repository = makeGitRepository();
    repository.git("config", name, value);
    repository.write("staged.txt", "staged\n");
    repository.git("add", "staged.txt");
    repository.git("status");
    repository.write("a.txt", "changed\n");
    repository.write("staged.txt", "later\n");
    expect(await commitAll(repository)).toMatchObject({ status: "committed", files: 2 });
    expect(repository.status()).toEqual(["MM staged.txt"]);
    expect(repository.git("show", ":staged.txt")).toBe("staged");
  });

  it("is followed by a commit of the person's that reverts nothing", async () => {
    using repository = makeGitRepository();
    repository.write("mine.txt", "mine\n");
    repository.git("add", "mine.txt");
    repository.write("a.txt", "the agent's\n");
    rmSync(join(repository.folder, "mine.txt"));
    await commitAll(repository);
    repository.git("commit", "--quiet", "--message=mine");
    expect(repository.committed()).toEqual({
      "a.txt": "the agent's\n",
      "b.txt": "b\n",
      "mine.txt": "mine\n",
    });
  });
});

describe("a repository that somebody is in the middle of changing", () => {
  const conflicting = (): GitRepository => {
    const repository = makeGitRepository();
    repository.git("switch", "--quiet", "--create", "other");
    repository.write("a.txt", "theirs\n");
    repository.git("commit", "--quiet", "--all", "--message=theirs");
    repository.git("switch", "--quiet", "main");
    repository.write("a.txt", "ours\n");
    repository.git("commit", "--quiet", "--all", "--message=ours");
    return repository;
  };

  it.each([
    ["a merge", ["merge", "other"]],
    ["a merge that only waits for its commit", ["merge", "--no-commit", "--strategy=ours", "other"]],
    ["a rebase", ["rebase", "other"]],
    ["a cherry-pick", ["cherry-pick", "other"]],
    ["a revert", ["revert", "--no-edit", "other"]],
    ["a bisect", ["bisect", "start"]],
  ])("is left alone during %s", async (_, args) => {
    using repository = conflicting();
    repository.tryGit(...args);
    const before = [repository.git("rev-parse", "HEAD"), repository.status()];
    repository.write("new.txt", "new\n");
    expect(await commitAll(repository)).toMatchObject({ status: "skipped", reason: "operation_in_progress" });
    rmSync(join(repository.folder, "new.txt"));
    expect([repository.git("rev-parse", "HEAD"), repository.status()]).toEqual(before);
  });

  it("is left alone while a stash has conflicts", async () => {
    using repository = makeGitRepository();
    repository.write("a.txt", "stashed\n");
    repository.git("stash", "--quiet");
    repository.write("a.txt", "committed\n");
    repository.git("commit", "--quiet", "--all", "--message=second");
    repository.tryGit("stash", "pop");
    expect(await commitAll(repository)).toMatchObject({
      reason: "operation_in_progress",
      message: expect.stringContaining("a conflict"),
    });
  });

  it("is committed once the operation is over", async () => {
    using repository = conflicting();
    repository.tryGit("merge", "other");
    repository.git("merge", "--abort");
    repository.write("a.txt", "after\n");
    expect(await commitAll(repository)).toMatchObject({ status: "committed" });
  });

  it.each([
    ["index.lock", "index_locked"],
    ["refs/heads/main.lock", "ref_locked"],
    ["HEAD.lock", "ref_locked"],
  ])("is left as it was while %s is there, and committed when it has gone", async (lock, code) => {
    using repository = makeGitRepository();
    const file = join(repository.folder, ".git", lock);
    writeFileSync(file, "");
    repository.write("a.txt", "changed\n");
    repository.write("b.txt", "changed\n");
    const before = repository.git("diff-index", "--cached", "HEAD");
    expect(await commitAll(repository)).toMatchObject({ status: "failed", code });
    expect(repository.git("log", "--format=%s")).toBe("first");
    expect(repository.git("diff-index", "--cached", "HEAD")).toBe(before);
    expect(existsSync(file)).toBe(true);
    rmSync(file);
    expect(await commitAll(repository)).toMatchObject({ status: "committed", files: 2 });
  });

  it("waits for a lock that is only held for a moment", async () => {
    using repository = makeGitRepository();
    const file = join(repository.folder, ".git", "index.lock");
    writeFileSync(file, "");
    repository.write("a.txt", "changed\n");
    const waits: number[] = [];
    const clock = {
      now: () => 0,
      after: (delayMs: number, callback: () => void) => {
        if (delayMs > 1_000) return () => undefined;
        waits.push(delayMs);
        rmSync(file, { force: true });
        callback();
        return () => undefined;
      },
    };
    const outcome = await autoCommitIn(repository.folder, {}, { clock }).autoCommit("error");
    expect(outcome).toMatchObject({ status: "committed" });
    expect(waits).toEqual([100]);
    expect(repository.git("log", "-1", "--format=%ad", "--date=unix")).toBe("0");
  });
});
