import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { autoCommitIn, gitThatFirst } from "../../test/auto-commit-fixture.ts";
import { makeGitRepository } from "../../test/git-repository.ts";

describe("what cannot be committed in fails with a code and says what to do", () => {
  it.each([
    ["a folder that is not there", "missing", "repository_missing", /not there/],
    ["a folder without a repository", "", "not_a_repository", /git init/],
    ["the inside of a repository", ".git", "not_a_repository", /another folder/],
  ])("%s", async (_, path, code, fix) => {
    using repository = makeGitRepository();
    const elsewhere = mkdtempSync(join(tmpdir(), "no-git-"));
    const folder = path === "" ? elsewhere : join(repository.folder, path);
    const outcome = await autoCommitIn(folder).autoCommit("error");
    expect(outcome).toMatchObject({ status: "failed", code, message: expect.stringMatching(fix) });
    rmSync(elsewhere, { recursive: true });
  });

  it("a bare repository", async () => {
    using repository = makeGitRepository();
    repository.git("clone", "--quiet", "--bare", ".", "bare.git");
    const outcome = await autoCommitIn(join(repository.folder, "bare.git")).autoCommit("error");
    expect(outcome).toMatchObject({ status: "failed", code: "bare_repository" });
  });

  it("a clone that was never checked out", async () => {
    using repository = makeGitRepository();
    repository.git("clone", "--quiet", "--no-checkout", ".", "clone");
    const outcome = await autoCommitIn(join(repository.folder, "clone")).autoCommit("error");
    expect(outcome).toMatchObject({ status: "failed", code: "not_checked_out" });
  });

  it("a machine without git", async () => {
    using repository = makeGitRepository();
    const outcome = await autoCommitIn(repository.folder, { command: "no-such-git" }).autoCommit("error");
    expect(outcome).toMatchObject({
      status: "failed",
      code: "git_missing",
      message: expect.stringContaining("no-such-git"),
    });
  });

  it("a file that git cannot add", async () => {
    using repository = makeGitRepository();
    repository.git("init", "--quiet", "inner");
    repository.write("a.txt", "changed\n");
    const outcome = await autoCommitIn(repository.folder).autoCommit("error");
    expect(outcome).toMatchObject({
      status: "failed",
      code: "git_failed",
      message: expect.stringContaining("inner"),
    });
    expect(repository.git("log", "--format=%s")).toBe("first");
  });
});

it("a git that hangs is ended, with the filters that it runs, and leaves no lock", async () => {
  using repository = makeGitRepository();
  repository.git("config", "filter.slow.clean", "sleep 600");
  repository.write(".gitattributes", "*.slow filter=slow\n");
  repository.write("x.slow", "x\n");
  const outcome = await autoCommitIn(repository.folder, { timeoutMs: 1_000 }).autoCommit("error");
  expect(outcome).toMatchObject({ status: "failed", code: "git_timeout" });
  expect(repository.git("log", "--format=%s")).toBe("first");
  repository.git("config", "filter.slow.clean", "cat");
  expect(await autoCommitIn(repository.folder).autoCommit("error")).toMatchObject({ status: "committed" });
});

describe("several at once", () => {
  it("are one commit of what is there, and then nothing, within one process", async () => {
    using repository = makeGitRepository();
    repository.write("a.txt", "changed\n");
    const git = autoCommitIn(repository.folder);
    const outcomes = await Promise.all(["error", "task.sync", "error"].map((event) => git.autoCommit(event)));
    expect(outcomes.map(({ status }) => status)).toEqual(["committed", "skipped", "skipped"]);
    expect(repository.git("log", "--format=%s")).toBe("error: 1 file\nfirst");
  });

  it("of different processes never lose each other's commits", async () => {
    using repository = makeGitRepository();
    const gits = Array.from({ length: 4 }, () => autoCommitIn(repository.folder));
    repository.write("a.txt", "changed\n");
    await Promise.all(gits.map((git) => git.autoCommit("error")));
    expect(repository.git("log", "--format=%s")).toBe("error: 1 file\nfirst");
    expect(repository.status()).toEqual([]);
    repository.git("fsck", "--strict");
  });

  it("build on a commit that somebody makes in the middle", async () => {
    using repository = makeGitRepository();
    repository.write("agent.txt", "agent\n");
    const once = join(repository.folder, ".git", "once");
    const person = `git -C ${repository.folder} -c user.name=P -c user.email=p@example.org`;
    const command = gitThatFirst(
      `case "$*" in *update-ref*) [ -e ${once} ] || { touch ${once}; ${person} commit -q --allow-empty -m between; };; esac`,
    );
    const outcome = await autoCommitIn(repository.folder, { command }).autoCommit("error");
    expect(outcome).toMatchObject({ status: "committed", files: 1 });
    expect(repository.git("log", "--format=%s")).toBe("error: 1 file\nbetween\nfirst");
    expect(repository.status()).toEqual([]);
  });

  it("keep what somebody stages in the middle", async () => {
    using repository = makeGitRepository();
    const once = join(repository.folder, ".git", "once");
    const file = join(repository.folder, "a.txt");
    const stage = `echo staged > ${file}; git -C ${repository.folder} add a.txt; echo later > ${file}`;
    const command = gitThatFirst(
      `case "$*" in *update-ref*) [ -e ${once} ] || { touch ${once}; ${stage}; };; esac`,
    );
    repository.write("a.txt", "first\n");
    const outcome = await autoCommitIn(repository.folder, { command }).autoCommit("error");
    expect(outcome).toMatchObject({ status: "committed" });
    expect(repository.committed()["a.txt"]).toBe("later\n");
    expect(repository.git("show", ":a.txt")).toBe("staged");
  });
});
